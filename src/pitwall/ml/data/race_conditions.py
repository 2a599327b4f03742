"""Conditions that races can be chosen by: sprint weekends, street circuits, wet and mixed races. Each says whether it is known before the race.

Choosing races by what is only known after them is useful to study and wrong to train on without saying so: such a choice
is marked as *selection by outcome* wherever it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.racing.race_conditions import MIXED, STREET_CIRCUITS, WET, mixed_races, wet_races
from pitwall.domain.tables import Tables


@dataclass(frozen=True)
class Condition:
    """One condition.

    Attributes:
        meaning: in words.
        reads: the tables that it is told from.
        holds: tables -> True, False or null (no data) by race_id.
        by_outcome: it is only known after the race.
    """

    meaning: str
    reads: tuple[str, ...]
    holds: Callable[[Tables], pd.Series]
    by_outcome: bool


def _sprint(tables: Tables) -> pd.Series:
    races = tables["races"].set_index("race_id")
    return races["sprint_at"].notna().astype("boolean")


def _street(tables: Tables) -> pd.Series:
    races = tables["races"].merge(tables["circuits"][["circuit_id", "ref"]], on="circuit_id")
    return races.set_index("race_id")["ref"].isin(STREET_CIRCUITS).astype("boolean")


def _wet(tables: Tables) -> pd.Series:
    return wet_races(tables["laps"]).astype("boolean")


def _mixed(tables: Tables) -> pd.Series:
    return mixed_races(tables["laps"]).astype("boolean")


CONDITIONS: dict[str, Condition] = {
    "sprint": Condition("the weekend has a sprint", ("races",), _sprint, by_outcome=False),
    "street": Condition("the lap runs mostly over city streets", ("circuits", "races"), _street, by_outcome=False),
    "mixed": Condition(MIXED, ("laps",), _mixed, by_outcome=True),
    "wet": Condition(WET, ("laps",), _wet, by_outcome=True),
}
