"""Who answered for a race at an instant: the champion then, what it had forecast, and from which vectors.

Three independent witnesses: the history says who was champion, the stored forecasts say which version spoke and when, the
log of served vectors says what it was shown. Where they disagree, or a forecast was edited since, the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import History
from pitwall.domain.project import Project
from pitwall.domain.records.ab_rows import ARM, OF_TEST, SHADOW
from pitwall.domain.records.stored_forecasts import StoredForecast, stored_forecasts
from pitwall.domain.records.stored_forecasts import instant_of as instant_of_forecast
from pitwall.ml.data.calendar import LABEL
from pitwall.ml.forecasting.input_log import read_served
from pitwall.ml.registry.champion_tenures import Reign, champion_at


@dataclass(frozen=True)
class Spoken:
    """A stored forecast of a race, or vectors that were served for one: which version, when, and where it is kept."""

    kind: str
    version: int
    at: str
    file: str
    provenance: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """Who served.

    Attributes:
        champion: at the instant; None before the first one.
        forecast: the last one stored by then; None if there was none.
        served: the vectors served by then, oldest first.
        later: forecasts of the race stored after the instant.
        remarks: what does not fit together, in words.
    """

    model: str
    race: str
    at: str
    champion: Reign | None
    forecast: Spoken | None
    served: tuple[Spoken, ...]
    later: tuple[Spoken, ...]
    remarks: tuple[str, ...]

    def row(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        return asdict(self)


def who_served(project: Project, history: History, model: str, race: str, at: datetime | None = None) -> Answer:
    """Return who answered for a race at an instant.

    Args:
        project: that stored the forecasts.
        history: of the champions.
        model: registered name.
        race: label, e.g. 2024-06.
        at: an instant with its time zone; now when None.

    Raises:
        UsageError: the race is no label or the instant has no time zone.
    """
    label, instant = _label(race), at or clock.now()
    if instant.tzinfo is None:
        raise UsageError(f"{instant.isoformat()} has no time zone; write e.g. {instant.isoformat()}Z for UTC.")
    rows = history.rows(model)
    stored = stored_forecasts(project, label)
    made = _forecasts(project, model, stored)
    by_then = [each for each in made if datetime.fromisoformat(each.at) <= instant]
    served = [each for each in _served(project, model, label) if datetime.fromisoformat(each.at) <= instant]
    champion = champion_at(rows, instant)
    forecast = by_then[-1] if by_then else None
    remarks = [] if champion else [f"nobody was champion of {model} at that instant"]
    remarks += [f"the history was changed: {each.reason}" for each in history.verify()]
    remarks += [each.remark for each in stored if each.trouble]
    if forecast is not None:
        remarks += _disagreement(rows, forecast, model)
    return Answer(
        model=model,
        race=label,
        at=instant.astimezone(UTC).isoformat(timespec="seconds"),
        champion=champion,
        forecast=forecast,
        served=tuple(served),
        later=tuple(made[len(by_then) :]),
        remarks=tuple(remarks),
    )


def instant_of(text: str) -> datetime:
    """Return an instant such as 2024-05-05T19:00Z.

    Raises:
        UsageError: it is none.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no instant; write e.g. 2024-05-05T19:00Z.") from None


def _label(race: str) -> str:
    found = LABEL.fullmatch(race)
    if not found:
        raise UsageError(f"{race!r} is no race; write season and round, e.g. 2024-06.")
    return f"{found[1]}-{int(found[2]):02d}"


def _forecasts(project: Project, model: str, stored: Sequence[StoredForecast]) -> list[Spoken]:
    spoken = [
        Spoken(
            "forecast",
            each.content["version"],
            instant_of_forecast(each.content).astimezone(UTC).isoformat(timespec="seconds"),
            each.path.relative_to(project.root).as_posix(),
            each.content["provenance"],
        )
        for each in stored
        if each.content.get("model") == model and each.content["provenance"].get(ARM) != SHADOW  # which answers nobody
    ]
    return sorted(spoken, key=lambda each: (each.at, each.file))


def _served(project: Project, model: str, race: str) -> list[Spoken]:
    return [
        Spoken(
            "vectors",
            each.version,
            each.served_at.isoformat(),
            f"{project.state.name}/input_log/{each.served_at:%Y%m}",
            {"cutoff": each.cutoff.isoformat(), "known": each.known.isoformat(), "service": each.service},
        )
        for each in read_served(project)
        if (each.model, each.race) == (model, race)
    ]


def _disagreement(rows: list[dict[str, Any]], forecast: Spoken, model: str) -> list[str]:
    """Say so where a forecast does not come from the champion of the instant at which it was stored."""
    then = champion_at(rows, datetime.fromisoformat(forecast.at))
    if then is not None and then.version == forecast.version:
        return []
    if forecast.provenance.get(OF_TEST):
        return [
            f"{forecast.file} was made by version {forecast.version}, the challenger of a declared test: `pitwall ab status {model}`"
        ]
    name = f"version {then.version}" if then else "nobody"
    return [
        f"{forecast.file} was made by version {forecast.version} at {forecast.at}, when {name} was champion by the history"
    ]
