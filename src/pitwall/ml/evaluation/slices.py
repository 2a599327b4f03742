"""Kinds of races that a backtest looks at apart: wet ones, streets, circuits, openers, sprint weekends, rounds of the season.

A slice is a name for a set of races. What the data cannot tell is not guessed: a race whose tyres nobody recorded is
neither wet nor dry but unknown.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pitwall.domain.racing.race_conditions import STREET_CIRCUITS, WET, wet_races
from pitwall.domain.tables import Tables

OPENING = 5  # races that a season's new order takes to show
MIN_RACES = 5  # fewer races say nothing that an interval could hold

DEFINITIONS = {
    "wet": WET,
    "street": "most of the lap runs over city streets that carry traffic when there is no race",
}


@dataclass(frozen=True)
class Slice:
    """Races that have something in common; `kind` is season, weekend, weather, track, circuit or round."""

    kind: str
    name: str
    races: frozenset[int]


def race_slices(tables: Tables, race_ids: set[int]) -> list[Slice]:
    """Return the slices of the given races, those with fewer than `MIN_RACES` races left out.

    Args:
        tables: needs `races`; `circuits` and `laps` where they are there.
        race_ids: races that were scored.
    """
    races = tables.only("races").as_of()["races"]
    races = races[races["race_id"].isin(race_ids)]
    sprint, street = races["sprint_at"].notna(), races["circuit_id"].isin(street_circuits(tables))
    wet = races["race_id"].map(_wet(tables))
    found = [
        _slice("season", "opener", races, races["round"] == 1),
        _slice("season", f"first {OPENING} races", races, races["round"] <= OPENING),
        _slice("season", "later races", races, races["round"] > OPENING),
        _slice("weekend", "sprint", races, sprint),
        _slice("weekend", "no sprint", races, ~sprint),
        _slice("weather", "wet", races, wet.eq(True)),
        _slice("weather", "dry", races, wet.eq(False)),
        _slice("weather", "unknown", races, wet.isna()),
        _slice("track", "street", races, street),
        _slice("track", "no street", races, ~street),
    ]
    found += [_slice("round", str(number), races, races["round"] == number) for number in sorted(set(races["round"]))]
    names = circuit_names(tables)
    found += [
        _slice("circuit", names.get(circuit, str(circuit)), races, races["circuit_id"] == circuit)
        for circuit in sorted(set(races["circuit_id"]))
    ]
    return [each for each in found if len(each.races) >= MIN_RACES]


def circuit_names(tables: Tables) -> dict[int, str]:
    """Return the name of each circuit, as far as there is a table of them."""
    if "circuits" not in set(tables):
        return {}
    circuits = tables.only("circuits").as_of()["circuits"]
    return dict(zip(circuits["circuit_id"], circuits["name"].astype(str), strict=True))


def street_circuits(tables: Tables) -> set[int]:
    """Return the ids of circuits that run through a city."""
    if "circuits" not in set(tables):
        return set()
    circuits = tables.only("circuits").as_of()["circuits"]
    return set(circuits.loc[circuits["ref"].isin(STREET_CIRCUITS), "circuit_id"])


def _wet(tables: Tables) -> pd.Series:
    """Return which races were wet, by race_id; no entry where nobody recorded it."""
    laps = tables.only("laps").as_of()["laps"] if "laps" in set(tables) else None
    return pd.Series(dtype="bool") if laps is None else wet_races(laps)


def _slice(kind: str, name: str, races: pd.DataFrame, chosen: pd.Series) -> Slice:
    return Slice(kind, name, frozenset(int(race) for race in races.loc[chosen, "race_id"]))
