"""One row per stint that a car is about to begin, at the instant at which it begins: the start, or the way out of the pits.

How long it lasts and on which tyres it is driven are not known then: the feed tells the tyres with the first lap on them. The cut-off
is the first microsecond after the instant itself, because features are joined strictly: a car that leaves the pits is seen to leave.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, RACE_DRIVER, STINT
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, Stage, as_utc
from pitwall.ml.rows._kind import RowKind

CAR = list(RACE_DRIVER)


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    """Return a row per stint of which any lap was completed.

    A lap counts as it was first told, so that a correction moves no row; nor does a stint begin again where its number comes back.
    """
    key = [*CAR, "lap"]
    told = tables["laps"].sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    told = told[told["completed"] & told["stint"].notna()]
    first = told.drop_duplicates([*CAR, "stint"]).astype({"stint": "int64"})
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    return first.assign(cutoff=_begins(first)).merge(races, on="race_id")


def _begins(laps: pd.DataFrame) -> pd.Series:
    """Return when the stint of each first lap began: as the car left the pits, else as the lap did.

    A lap is stamped with its end; the race clock says how long before that something happened. On its first lap a car left the pits
    for the grid, long before.
    """
    since = laps[["pit_out_seconds", "start_seconds"]].max(axis=1)
    before_end = pd.to_timedelta(((laps["end_seconds"] - since) * 1e6).round().astype("int64"), unit="us")
    return as_utc(laps["event_timestamp"] - before_end + BEFORE)


ROWS = RowKind(
    name="stint",
    nouns=("stint", "stints"),
    key=STINT,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "stint", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id", "stint"),
    stages=(Stage.IN_RACE.value,),
    reads=("laps", "races"),
    make=_make,
    asked=1,
    newcomer="A newcomer has no past in the data and is forecast from the team and what the cut-off shows; so is a new team.",
)
