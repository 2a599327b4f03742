"""What comes true in the order family: each car's place in an order, and whether it fell out of it.

Which order that is a question says, as a table of places: a race's finish, where it says nothing of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at, starters

TYPES = {"place": "int64", "retired": "bool"}
Order = Callable[[Tables], pd.DataFrame]


def finishing_order(tables: Tables) -> pd.DataFrame:
    """Return `place` among the starters of each race that was run and `retired`, by (race_id, driver_id)."""
    return starters(tables)[list(TYPES)]


def outcome(
    tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], told: Callable[[Tables], pd.DataFrame | pd.Series]
) -> pd.DataFrame:
    """Return `place` (1 is best, without gaps) and `retired` for each row of a frame; null where there is no result.

    Args:
        tables: canonical tables.
        frame: rows of cars.
        key: of its rows.
        told: tables -> an order (`TYPES` by key); a question that tells a mere label is about the finish.
    """
    order = told(tables)
    known = order if isinstance(order, pd.DataFrame) else finishing_order(tables)
    found = pd.DataFrame(at(known[list(TYPES)], frame, key))
    found["place"] = found["place"].groupby(frame["race_id"]).rank(method="first")
    return found


def within(tables: Tables, cars: Callable[[int], int], order: Order = finishing_order) -> pd.Series:
    """Return the label "is among the first `cars(season)` of an order" by (race_id, driver_id)."""
    seasons = tables.only("races").as_of()["races"].set_index("race_id")["season"]
    placed = order(tables)
    limits = placed.index.get_level_values("race_id").map(seasons).map(cars)
    return placed["place"].le(pd.Series(limits, index=placed.index)).rename("label")
