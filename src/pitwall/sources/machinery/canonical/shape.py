"""Shape a cleaned dump into the canonical columns of `pitwall.domain.tables`, without stamps.

The dump's `results` mixes times: it is split into entries (who takes part), the final grid, and the results.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pitwall.domain.params import TeamName, TimeParams
from pitwall.domain.when import as_utc
from pitwall.sources.machinery.canonical.dump import FINISHED
from pitwall.sources.machinery.canonical.lineage import lineage
from pitwall.sources.machinery.canonical.sessions import session_times
from pitwall.sources.machinery.snapshots.grids import NEITHER_STARTED

Dump = dict[str, pd.DataFrame]

RENAMES = {
    "raceId": "race_id",
    "driverId": "driver_id",
    "constructorId": "constructor_id",
    "circuitId": "circuit_id",
    "year": "season",
    "driverRef": "ref",
    "constructorRef": "ref",
    "circuitRef": "ref",
    "dob": "born",
}
SECTORS = {f"sector{number}": f"sector_{number}" for number in (1, 2, 3)}
FORECAST = {"leadHours": "lead_hours", "rainProbability": "rain_probability", "airTemp": "air_temp"}
_THROWN_OUT = ("D", "E")


def shape(dump: Dump, time: TimeParams, teams: Mapping[str, TeamName]) -> Dump:
    """Return the canonical tables of one cleaned dump; `races` keeps its FP1..FP4 columns for the stamps."""
    results = _results(dump, "results")
    return {
        "races": _races(dump["races"], time),
        "circuits": dump["circuits"].rename(columns=RENAMES),
        "drivers": drivers(dump["drivers"]),
        "constructors": _constructors(dump["constructors"], teams),
        "entries": _entries(dump, results),
        "grid": _grid(dump, results),
        "qualifying": dump["qualifying"].rename(columns={**RENAMES, "position": "place"}),
        "practice": _practice(dump["practice"]),
        "sprints": _sprints(dump),
        "results": results,
        "pit_stops": dump["pit_stops"].assign(seconds=dump["pit_stops"]["milliseconds"] / 1000).rename(columns=RENAMES),
        "lap_times": _lap_times(dump["lap_times"]),
        "race_control": _race_control(dump),
        "session_sectors": dump["session_sectors"].rename(columns={**RENAMES, **SECTORS}),
        "weather_forecasts": dump["weather_forecasts"].rename(columns={**RENAMES, **FORECAST}),
        "driver_standings": dump["driver_standings"].rename(columns={**RENAMES, "position": "place"}),
        "constructor_standings": dump["constructor_standings"].rename(columns={**RENAMES, "position": "place"}),
    }


def _races(raw: pd.DataFrame, time: TimeParams) -> pd.DataFrame:
    timed = pd.concat([raw, session_times(raw, time)], axis=1).rename(columns=RENAMES)
    return timed.assign(planned_at=timed["starts_at"], called_off=False)


def drivers(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the drivers of a dump with their whole names."""
    name = (raw["forename"].fillna("") + " " + raw["surname"]).str.strip()
    named = raw.assign(name=name, dob=as_utc(raw["dob"].dt.normalize()))
    return named.rename(columns=RENAMES)


def _constructors(raw: pd.DataFrame, teams: Mapping[str, TeamName]) -> pd.DataFrame:
    return raw.join(lineage(raw["constructorId"], raw["constructorRef"], teams)).rename(columns=RENAMES)


def corrected_results(dump: Dump) -> pd.DataFrame:
    """Return the corrected lines of results, oldest first, and when each was published (`known_at`)."""
    lines = _results(dump, "results_corrections").rename(columns={"publishedAt": "known_at"})
    return lines.sort_values("known_at", kind="stable")


def _results(dump: Dump, name: str) -> pd.DataFrame:
    raw = dump[name].merge(dump["status"], on="statusId", how="left", validate="m:1")
    text, finished = raw["positionText"].str.upper(), raw["status"].str.match(FINISHED)
    started, classified = ~text.isin(NEITHER_STARTED), raw["position"].notna()
    broke = (text == "R") | ~(finished | (raw["status"] == "Not classified"))
    return raw.assign(
        place=raw["positionOrder"],
        started=started.astype(bool),
        classified=classified,
        retired=(started & ~classified & ~text.isin(_THROWN_OUT) & broke).astype(bool),
        seconds=raw["milliseconds"] / 1000,
        fastest_lap=raw["fastestLapTime"],
        fastest_rank=raw["rank"].where(raw["rank"] > 0),
    ).rename(columns=RENAMES)


def _not_run(dump: Dump, name: str) -> pd.DataFrame:
    """Return the lines of races that have no result yet."""
    lines = dump[name]
    return lines[~lines["raceId"].isin(dump["results"]["raceId"])]


def _entries(dump: Dump, results: pd.DataFrame) -> pd.DataFrame:
    grid, qualifying = _not_run(dump, "grid"), _not_run(dump, "qualifying")
    numbers = qualifying[["raceId", "driverId", "number"]]
    grid = grid.merge(numbers, on=["raceId", "driverId"], how="left", validate="1:1")
    qualifying = qualifying[~qualifying["raceId"].isin(grid["raceId"])]
    columns = ["race_id", "driver_id", "constructor_id", "number"]
    parts = [frame.rename(columns=RENAMES)[columns] for frame in (grid, qualifying)]
    return pd.concat([results.loc[results["started"], columns], *parts], ignore_index=True)


def _grid(dump: Dump, results: pd.DataFrame) -> pd.DataFrame:
    """Return the slots that are known: none for a race whose grid nobody gave, and none for a car without one."""
    columns = ["race_id", "driver_id", "constructor_id", "grid"]
    coming = _not_run(dump, "grid").rename(columns=RENAMES)[columns]
    slots = pd.concat([results.loc[results["started"], columns], coming], ignore_index=True)
    return behind_the_last(slots[slots["grid"].notna()])


def behind_the_last(slots: pd.DataFrame) -> pd.DataFrame:
    """Give cars in the pit lane (slot 0) the slots behind the last one, in order of driver id; flag them."""
    pit_lane = slots["grid"] == 0
    ordered = slots.assign(pit_lane=pit_lane).sort_values(["race_id", "driver_id"], kind="stable")
    last = ordered.groupby("race_id")["grid"].transform("max")
    turn = ordered.groupby("race_id")["pit_lane"].cumsum()
    return ordered.assign(grid=ordered["grid"].where(~ordered["pit_lane"], last + turn))


def _practice(raw: pd.DataFrame) -> pd.DataFrame:
    timed = raw.assign(seconds=raw["milliseconds"] / 1000)
    return timed.rename(columns={**RENAMES, "position": "place"})


def _lap_times(raw: pd.DataFrame) -> pd.DataFrame:
    timed = raw.assign(seconds=raw["milliseconds"] / 1000)
    return timed.rename(columns={**RENAMES, "position": "place"})


def _race_control(dump: Dump) -> pd.DataFrame:
    """Return one row per interruption; a virtual safety car is one per lap, because the dump says no more."""
    columns = {"Deployed": "lap", "Lap": "lap", "Retreated": "until_lap", "Cause": "cause", "Incident": "cause"}
    parts = [
        dump[f"{kind}s"].rename(columns={**RENAMES, **columns}).assign(kind=kind)
        for kind in ("red_flag", "safety_car", "virtual_safety_car")
    ]
    told = pd.concat(parts, ignore_index=True).sort_values(["race_id", "kind", "lap"], kind="stable")
    return told.assign(number=told.groupby(["race_id", "kind"]).cumcount() + 1)


def _sprints(dump: Dump) -> pd.DataFrame:
    raw = dump["sprint_results"].merge(dump["status"], on="statusId", how="left", validate="m:1")
    return behind_the_last(raw.rename(columns={**RENAMES, "positionOrder": "place"}))
