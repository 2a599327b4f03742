"""Stamp canonical rows with when they became true and when they became public, by the time rules of params.yaml.

These are the estimated stamps of rows seen for the first time; `_versions` stamps what a later snapshot changed. When all
snapshots are read, every row of a race is stamped once more, by the start that is known now: its cut-offs come from that
same start, so that no result can be known before the race, whatever was published when.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS
from pitwall.domain.when import UTC_US, as_utc, hours
from pitwall.sources.machinery.canonical.sessions import SPRINT_BEFORE_QUALIFYING_H

REFERENCE = ("circuits", "drivers", "constructors")
AFTER_RACE = ("results", "pit_stops", "lap_times", "race_control", "driver_standings", "constructor_standings")
LIVE = {
    "laps": "end_seconds",
    "start_tyres": "seconds",
    "weather": "seconds",
    "track_status": "seconds",
    "session_status": "seconds",
}
BY_USERS = ("upgrades", "corner_speeds")
SPRINT, RACE = "S", "R"  # sessions of these
ALWAYS = "1950-01-01"


def stamp(tables: dict[str, pd.DataFrame], time: TimeParams) -> dict[str, pd.DataFrame]:
    """Return the tables with `event_timestamp`, `known_at`, `known_estimated`, in the columns and types of `SPECS`."""
    races = tables["races"].set_index("race_id")
    return {name: _typed(name, _stamped(name, frame, races, time)) for name, frame in tables.items()}


def restamp(name: str, versions: pd.DataFrame, calendar: pd.DataFrame, time: TimeParams) -> pd.DataFrame:
    """Return all versions of a table's rows, stamped by the calendar that is known now.

    Args:
        name: the canonical table.
        versions: its rows, versions of one key in the order in which they were learnt.
        calendar: by race_id, the columns of `session_times`.
        time: the time rules.

    Returns:
        The rows in their order. A stated publication follows the race; an observed one never moves back, and of one row's
        versions each is known after the one before.
    """
    if "race_id" not in versions or name == "races" or versions.empty:
        return versions
    event, known = (as_utc(stamps) for stamps in _session_stamps(name, versions, calendar, time))
    observed = ~versions["known_estimated"]
    known = known.where(~observed | (known > versions["known_at"]), versions["known_at"])
    return versions.assign(event_timestamp=event, known_at=_in_turn(versions, list(SPECS[name].key), known))


def _in_turn(versions: pd.DataFrame, key: Sequence[str], known: pd.Series) -> pd.Series:
    """Return publications that rise along the versions of each key, by a microsecond where they would not."""
    again = versions.duplicated(list(key), keep=False)
    rows = versions.loc[again, list(key)]
    turn = rows.groupby(list(key)).cumcount().to_numpy()
    micros = known[again].astype("int64").to_numpy() - turn
    rising = pd.Series(micros, rows.index).groupby([rows[name] for name in key]).cummax() + turn
    whole = known.astype("int64").to_numpy(copy=True)
    whole[np.flatnonzero(again)] = rising.to_numpy(dtype=np.int64)
    return pd.Series(pd.to_datetime(whole, unit="us", utc=True), versions.index).astype(UTC_US)


def stamp_corrections(lines: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Return corrected lines of results, whose `known_at` is given, as rows of that table."""
    events = results.drop_duplicates("race_id").set_index("race_id")["event_timestamp"]
    return _typed("results", lines.assign(event_timestamp=lines["race_id"].map(events), known_estimated=False))


def _stamped(name: str, frame: pd.DataFrame, races: pd.DataFrame, time: TimeParams) -> pd.DataFrame:
    if name in REFERENCE:
        event = known = pd.Series(ALWAYS, index=frame.index)
    elif name == "races":
        event = known = frame["season"].astype(str) + "-01-01"
    else:
        event, known = _session_stamps(name, frame, races, time)
    return frame.assign(event_timestamp=as_utc(event), known_at=as_utc(known), known_estimated=True)


def _session_stamps(
    name: str, frame: pd.DataFrame, races: pd.DataFrame, time: TimeParams
) -> tuple[pd.Series, pd.Series]:
    if name in AFTER_RACE:
        end = frame["race_id"].map(races["starts_at"]) + hours(time.race_lasts_h)
        return end, end + hours(time.race_known_after_h)
    moment = _seen_at_once(name, frame, races, time)
    if moment is not None:
        return moment, moment
    lasts, known_after = _durations(name, frame, time)
    end = _session_start(name, frame, races) + lasts
    return end, end + known_after


def _seen_at_once(name: str, frame: pd.DataFrame, races: pd.DataFrame, time: TimeParams) -> pd.Series | None:
    """Return the instants of what is public as it happens, None for what the end of a session tells."""

    def of_race(column: str) -> pd.Series:
        return frame["race_id"].map(races[column])

    if name == "entries":
        return of_race("practice_at") - hours(time.entries_known_before_practice_h)
    if name == "grid":
        return of_race("starts_at") - hours(time.grid_known_before_race_h)
    if name == "weather_forecasts":
        return of_race("starts_at") - pd.to_timedelta(frame["lead_hours"], unit="h")
    if name == "upgrades":  # seen as the car leaves the pits
        return _session_start(name, frame, races)
    return of_race("starts_at") + since_start(frame[LIVE[name]]) if name in LIVE else None


def _durations(name: str, frame: pd.DataFrame, time: TimeParams) -> tuple[pd.Timedelta | pd.Series, ...]:
    """Return how long the sessions of rows last, and how long after them they are known."""
    session = hours(time.session_lasts_h), hours(time.session_known_after_h)
    if name != "corner_speeds":
        return session
    race = hours(time.race_lasts_h), hours(time.race_known_after_h)
    of_race = frame["session"] == RACE
    return tuple(of_race.map({True: r, False: s}).astype("timedelta64[us]") for r, s in zip(race, session, strict=True))


def _session_start(name: str, frame: pd.DataFrame, races: pd.DataFrame) -> pd.Series:
    qualifying = frame["race_id"].map(races["qualifying_at"])
    if name == "qualifying":
        return qualifying
    sprint = frame["race_id"].map(races["sprint_at"]).fillna(qualifying - hours(SPRINT_BEFORE_QUALIFYING_H))
    if name == "sprints":
        return sprint
    start = frame["race_id"].map(races["FP1"])
    for session in ("FP2", "FP3", "FP4"):
        start = start.where(frame["session"] != session, frame["race_id"].map(races[session]))
    if name in BY_USERS:
        start = start.where(frame["session"] != SPRINT, sprint)
        start = start.where(frame["session"] != RACE, frame["race_id"].map(races["starts_at"]))
    return start.where(~frame["session"].str.startswith("Q"), qualifying)


def since_start(seconds: pd.Series) -> pd.Series:
    """Return seconds of the race clock as time deltas; live timing is public as it happens, exact to its millisecond."""
    return pd.to_timedelta((seconds * 1000).round(), unit="ms")


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    spec = SPECS[name]
    types = {**spec.columns, "known_estimated": "bool"}
    return frame[spec.all_columns].astype(types).reset_index(drop=True)
