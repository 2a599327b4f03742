"""Which runs the calendar asks for: after practice, before qualifying, after qualifying, with the grid, after the race, and a look at all of it.

All instants are UTC, as in the tables: no change of the clock moves a run. A run that has to forecast a session begins before it, if need be
before the session that it would rather wait for is known, and says so. The tables know when the first practice starts and no later one, so
the run before qualifying, at the last instant that is in time, is the one that sees all of practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import hours

FULL, LIGHT, LOOK = (
    "race_weekend",
    "forecast_weekend",
    "monitor",
)  # flows; the second one trains nothing, the third one forecasts nothing
LOOK_AFTER_H = 1.0  # after the run that scores a race began


@dataclass(frozen=True)
class PlannedRun:
    """A run that is to begin at an instant.

    Attributes:
        name: what it is for, e.g. `2024-08 after qualifying`.
        flow: what it runs, `FULL`, `LIGHT` or `LOOK`.
        at: when it is due, UTC.
        before: the start of the session that it forecasts; None after a race, when no session waits.
        note: what must be said of its instant; empty where there is nothing.
    """

    name: str
    flow: str
    at: datetime
    before: datetime | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from every other run; one that is moved is another run."""
        return f"{self.name} at {self.at.isoformat(timespec='seconds')}"


def planned(tables: Tables, params: Params, since: datetime) -> list[PlannedRun]:
    """Return the runs that the calendar asks for after an instant, the earliest first.

    Args:
        tables: with `races`.
        params: `time` says when a session is known, `schedule` how much before the next one a run has to begin.
        since: an instant with a time zone.
    """
    races = tables.only("races").as_of()["races"]
    ahead = races[~races["called_off"] & (races["starts_at"] > pd.Timestamp(since) - hours(24 * 7))]
    runs = [run for _, race in ahead.iterrows() for run in _of_weekend(race, params)]
    return sorted((run for run in runs if run.at > since), key=lambda run: (run.at, run.name))


def _of_weekend(race: pd.Series, params: Params) -> Iterator[PlannedRun]:
    time, label = params.time, f"{race['season']}-{race['round']:02d}"
    after_session, lead = (
        hours(time.session_lasts_h + time.session_known_after_h),
        hours(params.schedule.latest_before_session_h),
    )
    qualifying, start = race["qualifying_at"], race["starts_at"]
    for session, known, before, forecast in (
        ("practice", race["practice_at"] + after_session, qualifying, "qualifying"),
        ("qualifying", qualifying + after_session, start, "the race"),
        ("grid", start - hours(time.grid_known_before_race_h), start, "the race"),
    ):
        note = f"begins before {session} is known, to be in time for {forecast}" if known > before - lead else ""
        yield PlannedRun(f"{label} after {session}", LIGHT, _utc(min(known, before - lead)), _utc(before), note)
    if race["practice_at"] + after_session < qualifying - lead:
        yield PlannedRun(f"{label} before qualifying", LIGHT, _utc(qualifying - lead), _utc(qualifying))
    known = start + hours(time.race_lasts_h + time.race_known_after_h)
    yield PlannedRun(f"{label} after race", FULL, _utc(known))
    yield PlannedRun(f"{label} monitoring", LOOK, _utc(known + hours(LOOK_AFTER_H)))


def _utc(instant: pd.Timestamp) -> datetime:
    found: datetime = instant.to_pydatetime()
    return found.astimezone(UTC)
