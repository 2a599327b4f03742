"""Ask a server for JSON: within its pace, again where asking again helps, and with a clear word where it does not.

Asked again, with growing pauses: 429 (after the pause it names), 5xx, a connection that breaks, a body that is cut short or too slow. Not
asked again: other statuses, another content type, a redirect, a body beyond the size limit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from pitwall.domain.errors import SourceBusy, SourceError
from pitwall.domain.params import Section
from pitwall.sources.machinery.web.pace import Pace

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
NOT_MODIFIED, TOO_MANY, NOTHING = 304, 429, 404
TOLD_EVERY = 25  # pages
LONGEST_PAUSE = 60.0  # s between two tries, unless the server asks for more


class WebSettings(Section):
    """Limits of asking. Seconds and megabytes; `max_wait_s` is the longest pause that a server may ask for."""

    connect_timeout_s: float = Field(10, gt=0)
    page_timeout_s: float = Field(60, gt=0)
    max_page_mb: int = Field(20, ge=1)
    tries: int = Field(5, ge=1, le=20)
    first_pause_s: float = Field(1, ge=0)
    max_wait_s: float = Field(900, ge=0)


@dataclass(frozen=True)
class Reply:
    """What came back: the decoded body and its validators; `body` is None where the kept page is still right, or there is nothing."""

    status: int
    body: Any
    etag: str | None
    modified: str | None


class _Again(Exception):
    """A failure that may pass; with the pause that the server asked for."""

    def __init__(self, what: str, pause: float | None = None) -> None:
        super().__init__(what)
        self.pause = pause


class Client:
    """Asks one server, and tells now and then how far it is. `asked` counts the requests that were made."""

    def __init__(
        self,
        base: str,
        settings: WebSettings,
        pace: Pace,
        sleep: Callable[[float], None],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        import httpx

        self._tell = tell
        self._base, self._settings, self._pace, self._sleep = base, settings, pace, sleep
        self._http = httpx.Client(timeout=settings.connect_timeout_s, follow_redirects=False, trust_env=True)
        self.asked = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, page: str, validators: Mapping[str, str] | None = None, *, may_lack: bool = False) -> Reply:
        """Return what a page says now.

        Args:
            page: path and query, below the base.
            validators: headers that make the request conditional.
            may_lack: 404 means that there is nothing, as for a query without rows.

        Raises:
            SourceBusy: the server asks for a longer pause than `max_wait_s`.
            SourceError: it did not answer as its documentation says; names the address, what was found, and what to do.
        """
        trouble = ""
        for turn in range(self._settings.tries):
            try:
                return self._once(page, validators or {}, may_lack=may_lack)
            except _Again as again:
                trouble = str(again)
                self._pause(turn, again.pause, page)
        raise SourceError(
            f"{self._base}{page} {trouble}, {self._settings.tries} times; try again later: what was fetched until now is kept and not "
            "asked for again."
        )

    def _pause(self, turn: int, asked_for: float | None, page: str) -> None:
        wait = min(self._settings.first_pause_s * 2**turn, LONGEST_PAUSE)
        if asked_for is not None and asked_for > self._settings.max_wait_s:
            raise SourceBusy(
                f"{self._base}{page} asks for a pause of {asked_for:g} s, more than max_wait_s = {self._settings.max_wait_s:g}; run the same "
                "command after that: what was fetched until now is kept and not asked for again."
            )
        if turn + 1 < self._settings.tries:
            self._sleep(max(wait, asked_for or 0.0))

    def _once(self, page: str, validators: Mapping[str, str], *, may_lack: bool) -> Reply:
        import httpx

        self._pace.take()
        self.asked += 1
        if self.asked % TOLD_EVERY == 0:
            self._tell(f"{self._base}: {self.asked} pages, {self._pace.waited:.0f} s waited for the limits")
        headers = {"accept": "application/json", "user-agent": "pitwall", **validators}
        try:
            with self._http.stream("GET", f"{self._base}{page}", headers=headers) as response:
                self._check_status(page, response, may_lack=may_lack)
                etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
                if response.status_code in (NOT_MODIFIED, NOTHING):
                    return Reply(response.status_code, None, etag, modified)
                return Reply(response.status_code, self._decoded(page, response), etag, modified)
        except httpx.TimeoutException:
            raise _Again(f"did not go on within {self._settings.connect_timeout_s:g} s") from None
        except httpx.InvalidURL as error:
            raise SourceError(f"{self._base}{page} is no address ({error}); correct the location.") from error
        except httpx.HTTPError as error:
            raise _Again(f"broke off ({error})") from error

    def _check_status(self, page: str, response: Any, *, may_lack: bool) -> None:
        status = response.status_code
        if status in (200, NOT_MODIFIED) or (status == NOTHING and may_lack):
            return
        if status in AGAIN:
            raise _Again(f"answered {status}", _seconds(response.headers.get("retry-after")))
        there = response.headers.get("location", "")
        hint = f", a redirect to {there}: redirects are not followed" if response.is_redirect else ""
        raise SourceError(
            f"{self._base}{page} answered {status}{hint}; expected 200. Check the location and the settings of the source, or whether "
            "the API has changed."
        )

    def _decoded(self, page: str, response: Any) -> Any:
        kind = response.headers.get("content-type", "none").split(";")[0].strip().lower()
        if kind != "application/json":
            raise SourceError(
                f"{self._base}{page} answered with content of type {kind}; expected application/json. Is it a page of a proxy, or of "
                "maintenance? Look at it in a browser."
            )
        body = self._read(page, response)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise _Again(f"answered with {len(body)} bytes that are no JSON, or only a part of it") from None

    def _read(self, page: str, response: Any) -> bytes:
        deadline, body = time.monotonic() + self._settings.page_timeout_s, bytearray()
        for block in response.iter_bytes():
            body += block
            if len(body) > self._settings.max_page_mb << 20:
                raise SourceError(
                    f"{self._base}{page} is larger than {self._settings.max_page_mb} MB; raise max_page_mb of the source in params.yaml if "
                    "that is right."
                )
            if time.monotonic() > deadline:
                raise _Again(f"was not complete after {self._settings.page_timeout_s:g} s")
        return bytes(body)


def _seconds(text: str | None) -> float | None:
    """Return the pause that a server asks for, None where it names none in seconds."""
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None
