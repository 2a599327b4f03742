"""What comes true in the order family: each starter's place among the starters, and whether the car retired."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at, starters

TYPES = {"place": "int64", "retired": "bool"}


def outcome(
    tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], _label: Callable[[Tables], pd.Series]
) -> pd.DataFrame:
    """Return `place` (1 is best, without gaps) and `retired` for each row of a frame; null where there is no result."""
    found = pd.DataFrame(at(starters(tables)[list(TYPES)], frame, key))
    found["place"] = found["place"].groupby(frame["race_id"]).rank(method="first")
    return found


def within(tables: Tables, cars: Callable[[int], int]) -> pd.Series:
    """Return the label "finished among the first `cars(season)`" by (race_id, driver_id)."""
    seasons = tables.only("races").as_of()["races"].set_index("race_id")["season"]
    started = starters(tables)
    limits = started.index.get_level_values("race_id").map(seasons).map(cars)
    return started["place"].le(pd.Series(limits, index=started.index)).rename("label")
