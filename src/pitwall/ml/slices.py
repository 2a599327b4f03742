"""Kinds of races that a backtest looks at apart: circuits, season openers, sprint weekends, rounds of the season.

A slice is a name for a set of races. What the data cannot tell is not guessed: it is left out, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pitwall.domain.tables import Tables

OPENING = 5  # races that a season's new order takes to show
MIN_RACES = 5  # fewer races say nothing that an interval could hold

OMITTED = {
    "wet": "no table of the weather yet, and neither a grid nor a result tells rain from dry",
    "street circuit": "the data do not say which circuits are streets",
}


@dataclass(frozen=True)
class Slice:
    """Races that have something in common; `kind` is circuit, season, weekend or round."""

    kind: str
    name: str
    races: frozenset[int]


def race_slices(tables: Tables, race_ids: set[int]) -> list[Slice]:
    """Return the slices of the given races, those with fewer than `MIN_RACES` races left out.

    Args:
        tables: needs `races`; circuits are named where there is a table of them.
        race_ids: races that were scored.
    """
    races = tables.only("races").as_of()["races"]
    races = races[races["race_id"].isin(race_ids)]
    sprint = races["sprint_at"].notna()
    found = [
        _slice("season", "opener", races, races["round"] == 1),
        _slice("season", f"first {OPENING} races", races, races["round"] <= OPENING),
        _slice("season", "later races", races, races["round"] > OPENING),
        _slice("weekend", "sprint", races, sprint),
        _slice("weekend", "no sprint", races, ~sprint),
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


def _slice(kind: str, name: str, races: pd.DataFrame, chosen: pd.Series) -> Slice:
    return Slice(kind, name, frozenset(int(race) for race in races.loc[chosen, "race_id"]))
