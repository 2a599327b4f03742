"""Stamp canonical rows with when they became true and when they became public, by the time rules of params.yaml.

These are the estimated stamps of rows seen for the first time; `_versions` stamps what a later snapshot changed.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS
from pitwall.domain.when import as_utc, hours
from pitwall.sources._sessions import SPRINT_BEFORE_QUALIFYING_H

REFERENCE = ("circuits", "drivers", "constructors")
AFTER_RACE = ("results", "pit_stops", "lap_times", "race_control", "driver_standings", "constructor_standings")
ALWAYS = "1950-01-01"


def stamp(tables: dict[str, pd.DataFrame], time: TimeParams) -> dict[str, pd.DataFrame]:
    """Return the tables with `event_timestamp`, `known_at`, `known_estimated`, in the columns and types of `SPECS`."""
    races = tables["races"].set_index("race_id")
    return {name: _typed(name, _stamped(name, frame, races, time)) for name, frame in tables.items()}


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
    def of_race(column: str) -> pd.Series:
        return frame["race_id"].map(races[column])

    if name in AFTER_RACE:
        end = of_race("starts_at") + hours(time.race_lasts_h)
        return end, end + hours(time.race_known_after_h)
    if name == "entries":
        known = of_race("practice_at") - hours(time.entries_known_before_practice_h)
        return known, known
    if name == "grid":
        known = of_race("starts_at") - hours(time.grid_known_before_race_h)
        return known, known
    if name == "weather_forecasts":
        known = of_race("starts_at") - pd.to_timedelta(frame["lead_hours"], unit="h")
        return known, known
    end = _session_start(name, frame, races) + hours(time.session_lasts_h)
    return end, end + hours(time.session_known_after_h)


def _session_start(name: str, frame: pd.DataFrame, races: pd.DataFrame) -> pd.Series:
    qualifying = frame["race_id"].map(races["qualifying_at"])
    if name == "qualifying":
        return qualifying
    if name == "sprints":
        return frame["race_id"].map(races["sprint_at"]).fillna(qualifying - hours(SPRINT_BEFORE_QUALIFYING_H))
    start = frame["race_id"].map(races["FP1"])
    for session in ("FP2", "FP3", "FP4"):
        start = start.where(frame["session"] != session, frame["race_id"].map(races[session]))
    return start.where(~frame["session"].str.startswith("Q"), qualifying)


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    spec = SPECS[name]
    types = {**spec.columns, "known_estimated": "bool"}
    return frame[spec.all_columns].astype(types).reset_index(drop=True)
