"""Ask a server from Python: every route as a method, with the models that the server itself describes its answers by.

Light: it imports neither the server's framework nor anything that computes; pandas comes with the first frame.

Example:
    >>> Client("https://pit.example", token="pw_s3cret")
    Client('https://pit.example')
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from pitwall.domain.errors import ApiProblem, UsageError
from pitwall.live.answer import LiveAnswer
from pitwall.serving import schemas
from pitwall.serving.streams import read

if TYPE_CHECKING:
    import pandas as pd

URL = "http://127.0.0.1:8000"
TOKEN = "PITWALL_TOKEN"  # noqa: S105 - the name of the variable
AGAIN = (429, 503)  # with `Retry-After` these say when to come again
TRIES = 4
LONGEST_S = 30.0  # that a request waits for another try; a quota that is used up until midnight is told at once
WRITTEN = re.compile(r"[\x21-\x7e]+")  # what may stand in a header

M = TypeVar("M", bound=BaseModel)


class Answer(schemas.Answer):
    """The answer to a question, with where it comes from."""

    def frame(self) -> pd.DataFrame:
        """Return one row per car, lap, stop or race: keys, names, answer, baseline, and what is told beside."""
        import pandas as pd

        rows = [{**r.keys, **r.names, "answer": r.answer, "baseline": r.baseline, **r.detail} for r in self.rows]
        return pd.DataFrame(rows)


class Client:
    """A server, as Python asks it. Threads may share one.

    Args:
        url: of the server.
        token: that lets us in; the one in PITWALL_TOKEN when None. It is shown nowhere.
        timeout: seconds without a byte after which a try is given up.
        transport: of httpx, where requests go another way than over the network: through a proxy, into a test's app.
        sleep: waits so many seconds before another try.

    Raises:
        UsageError: the address or the token cannot be; neither is repeated.
    """

    def __init__(
        self,
        url: str = URL,
        token: str | None = None,
        timeout: float = 10,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._sleep = _checked(url), sleep
        token = os.environ.get(TOKEN) if token is None else token
        if token and not WRITTEN.fullmatch(token):
            raise UsageError(f"the token is none: it has blanks or strange characters; see {TOKEN}.")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=self._url, headers=headers, timeout=timeout, transport=transport)

    def predict(
        self,
        template: str,
        race: str | None = None,
        *,
        as_of: str | None = None,
        entries: Sequence[str] | Mapping[str, str | None] | None = None,
        grid_positions: Mapping[str, int] | None = None,
        lap: int | None = None,
        stop: int | None = None,
        stint: int | None = None,
    ) -> Answer:
        """Return the answer to a question about a race.

        Args:
            template: the question, e.g. race_winner.
            race: 2024-08 or monaco_2024; the next race when None.
            as_of: a stage, or an instant with its zone that is an exported cut-off; the latest when None.
            entries: who takes part, or {driver: team}; as it is known when None.
            grid_positions: {driver: slot from 1, or 0 for the pit lane}; as it is known when None.
            lap: which lap a model within races is asked about; each car's newest when None.
            stop: the same of pit stops.
            stint: the same of stints.

        Raises:
            ApiProblem: there is no answer; says what was found, what was expected, and what to do.
        """
        wishes = {"as_of": as_of, "entries": entries, "grid_positions": grid_positions}
        return self._ask("predict", template, race=race, **wishes, lap=lap, stop=stop, stint=stint)

    def explain(
        self,
        template: str,
        race: str | None = None,
        *,
        as_of: str | None = None,
        entries: Sequence[str] | Mapping[str, str | None] | None = None,
        grid_positions: Mapping[str, int] | None = None,
        lap: int | None = None,
        stop: int | None = None,
        stint: int | None = None,
    ) -> Answer:
        """Return what `predict` returns, with what adds to each row's score in `why` and `why_groups`."""
        wishes = {"as_of": as_of, "entries": entries, "grid_positions": grid_positions}
        return self._ask("explain", template, race=race, **wishes, lap=lap, stop=stop, stint=stint)

    def championship(self, season: int | None = None) -> schemas.Championship:
        """Return the chances of both titles of a season; of the newest one when None."""
        return self._read(schemas.Championship, "GET", "/api/v1/championship", params=_given(season=season))

    def templates(self) -> list[schemas.Template]:
        """Return every question, and which models answer it."""
        return self._read(schemas.Templates, "GET", "/api/v1/templates").templates

    def models(self) -> list[schemas.ModelSummary]:
        """Return the models that are served."""
        return self._read(schemas.Models, "GET", "/api/v1/models").models

    def model(self, name: str) -> schemas.ModelSummary:
        """Return one model that is served."""
        return self._read(schemas.ModelSummary, "GET", f"/api/v1/models/{_part(name)}")

    def history(self, name: str) -> schemas.History:
        """Return what was decided about a model's versions."""
        return self._read(schemas.History, "GET", f"/api/v1/models/{_part(name)}/history")

    def forecasts(
        self, race: str | None = None, model: str | None = None, *, limit: int = 20
    ) -> Iterator[schemas.Forecasts]:
        """Yield stored forecasts, page by page, the newest first.

        Args:
            race: of this race alone, e.g. 2024-08.
            model: of this model alone.
            limit: forecasts on a page.
        """
        after = None
        while True:
            params = _given(race=race, model=model, limit=limit, after=after)
            page = self._read(schemas.Forecasts, "GET", "/api/v1/forecasts", params=params)
            yield page
            if (after := page.next) is None:
                return

    def forecast(self, file: str) -> schemas.StoredForecast:
        """Return a stored forecast with its row of the track record."""
        return self._read(schemas.StoredForecast, "GET", f"/api/v1/forecasts/{_part(file)}")

    def live(self, race: str | None = None, **wishes: Any) -> Iterator[LiveAnswer]:
        """Yield what is said of a race while it is driven, from the newest answer on, until it ends; lost connections are made again.

        Args:
            race: label; the race that was published last when None.
            wishes: `source`, `every` (`per_lap`, `per_sector`), `speed`, `start`, as `GET /api/v1/live` has them.

        Raises:
            ApiProblem: the server refuses, or is away.
        """
        return read.answers(self._http, _given(race=race, **wishes), _problem, self._sleep)

    def health(self) -> schemas.Health:
        """Return that the process answers."""
        return self._read(schemas.Health, "GET", "/health")

    def ready(self) -> schemas.Ready:
        """Return whether questions are answered, by which versions, and what is wrong; not being ready is an answer, too."""
        return _parsed(schemas.Ready, self._send("GET", "/ready", fine=(200, 503)))

    def metrics(self) -> str:
        """Return the server's numbers, as Prometheus reads them."""
        return self._send("GET", "/metrics").text

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    def _ask(self, what: str, template: str, **wishes: Any) -> Answer:
        return self._read(Answer, "POST", f"/api/v1/{what}/{_part(template)}", json=_given(**wishes))

    def _read(self, model: type[M], method: str, path: str, **more: Any) -> M:
        return _parsed(model, self._send(method, path, **more))

    def _send(self, method: str, path: str, fine: Sequence[int] = (200,), **more: Any) -> httpx.Response:
        """Return an answer, once there is one: who is busy is asked again. A question changes nothing, so it may be asked twice."""
        for tries_left in reversed(range(TRIES)):
            response = self._once(method, path, **more)
            if response.status_code in fine:
                return response
            wait = _wait(response)
            if wait is None or not tries_left:
                break
            self._sleep(wait)
        raise _problem(response)

    def _once(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise ApiProblem(
                0,
                "no answer",
                found=f"{type(error).__name__} from {self._url}",
                expected="a server there",
                do="`pitwall serve` starts one, or give another url or a longer timeout",
            ) from None


def _checked(url: str) -> str:
    """Return an address that may be shown."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = httpx.URL()
    if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo:
        raise UsageError("the url of the server is none; give http://HOST:PORT, without a name and a password.")
    return str(parts).rstrip("/")


def _given(**wishes: Any) -> dict[str, Any]:
    return {name: value for name, value in wishes.items() if value is not None}


def _part(name: str) -> str:
    return quote(name, safe="")


def _wait(response: httpx.Response) -> float | None:
    """Return how many seconds the server wants to be left alone; None where another try is of no use."""
    after = response.headers.get("Retry-After", "")
    if response.status_code not in AGAIN or not after.isdecimal() or int(after) > LONGEST_S:
        return None
    return float(after)


def _parsed(model: type[M], response: httpx.Response) -> M:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ApiProblem(
            response.status_code,
            "another answer",
            found=f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}",
            expected=f"what Pitwall calls {model.__name__}",
            do="see that url is a Pitwall server's, of this client's version",
        ) from None


def _problem(response: httpx.Response) -> ApiProblem:
    """Return a refusal as an error; one that is not Pitwall's own, such as a proxy's, by its number."""
    request = response.headers.get("X-Request-ID", "")
    try:
        told = schemas.Problem.model_validate_json(response.content)
    except ValidationError:
        return ApiProblem(
            response.status_code,
            response.reason_phrase.lower() or "refused",
            found="no words of Pitwall's",
            expected="an answer of its server",
            do="look at what stands between",
            request=request,
        )
    return ApiProblem(
        told.status, told.title, found=told.found, expected=told.expected, do=told.do, near=told.near, request=request
    )
