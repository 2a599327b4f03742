"""Who will start, told from practice: as long as nobody has qualified there is no entry list, but the cars have been out."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race

CAR = ["driver_id", "constructor_id"]
FIRST = "FP1"  # where drivers who do not race are let out


def practice_cars(tables: Tables, race: Race, last: pd.DataFrame) -> tuple[pd.DataFrame, str] | None:
    """Return the cars that practice suggests and its newest session; None before anybody practised.

    Of each team the drivers of its newest sessions count, as many as it had out at once. As long as there was only the first
    session, a driver who never raced is taken for a guest of the regular one, unless the season begins.

    Args:
        tables: the newest version of every row.
        race: the race.
        last: the cars of the last race before it.
    """
    driven = tables["practice"][tables["practice"]["race_id"] == race.race_id]
    if driven.empty:
        return None
    seats = driven.groupby(["constructor_id", "session"]).size().groupby("constructor_id").max()
    ordered = driven.sort_values(["session", "place"], ascending=[False, True]).drop_duplicates("driver_id")
    turn = ordered.groupby("constructor_id").cumcount()
    cars = ordered[turn < ordered["constructor_id"].map(seats)][CAR]
    newest = str(driven["session"].max())
    if newest == FIRST and began(tables, race):
        cars = _regulars(cars, last, tables["entries"]["driver_id"])
    return cars, newest


def began(tables: Tables, race: Race) -> bool:
    """Return whether the season had a race before this one."""
    calendar = tables["races"]
    before = calendar[(calendar["season"] == race.season) & (calendar["starts_at"] < race.starts_at)]
    return bool(before["race_id"].isin(tables["entries"]["race_id"]).any())


def _regulars(cars: pd.DataFrame, last: pd.DataFrame, raced: pd.Series) -> pd.DataFrame:
    """Give the seats of drivers who never raced back to those who drove them in the last race and are not out."""
    guests, waiting = cars[~cars["driver_id"].isin(raced)], last[~last["driver_id"].isin(cars["driver_id"])]
    pairs = _numbered(guests).merge(_numbered(waiting), on=["constructor_id", "turn"], suffixes=("", "_regular"))
    back = dict(zip(pairs["driver_id"], pairs["driver_id_regular"], strict=True))
    return cars.assign(driver_id=cars["driver_id"].replace(back))


def _numbered(cars: pd.DataFrame) -> pd.DataFrame:
    return cars[CAR].assign(turn=cars.groupby("constructor_id").cumcount())
