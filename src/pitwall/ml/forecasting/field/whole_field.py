"""Is a field whole? A file fetched while a session runs names the cars that were out so far, and a forecast of these alone is wrong.

A car or two may really be missing, and a season may begin with fewer cars than the last one had: then it is said. Where more
are missing within a season, the seats that are left empty are given back to who drove them last.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race
from pitwall.ml.forecasting.field.practice_cars import CAR, began

MOST_ABSENT = 2  # cars of the last race that may be missing without the field being taken for a part


def whole_field(
    tables: Tables, race: Race, cars: pd.DataFrame, last: pd.DataFrame, source: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the cars of a race to come, filled up where they are part of a field, and what must be said of them.

    Args:
        tables: the newest version of every row.
        race: the race.
        cars: those that are known, by driver.
        last: the cars of the last race before it.
        source: what they are known from, for the label.
    """
    missing = len(last) - len(cars)
    if missing <= 0:
        return cars, []
    said = f"{source} has {len(cars)} cars, the last race had {len(last)}"
    if missing <= MOST_ABSENT or not began(tables, race):
        return cars, [said]
    back = _empty_seats(cars, last)
    if back.empty:
        return cars, [said]
    field = pd.concat([cars, back], ignore_index=True).sort_values("driver_id", ignore_index=True)
    return field, [f"{said}: {len(back)} drivers of that race are assumed in the seats that are left"]


def _empty_seats(cars: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Return the cars of the last race whose drivers are not there, as many of a team as it has seats left."""
    absent = last[~last["driver_id"].isin(cars["driver_id"])]
    seats, taken = last["constructor_id"].value_counts(), cars["constructor_id"].value_counts()
    left = seats.sub(taken, fill_value=0)
    turn = absent.groupby("constructor_id").cumcount()
    return absent.loc[turn < absent["constructor_id"].map(left), CAR]
