"""When a car stops for the first time: early, mid or late in the race.

A stop is a line of the table of pit stops: a visit to the pit lane after which the car went on. Stoppages under a red flag, at
which tyres may be changed, are among them, and so are drive-throughs, which the source does not tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pitwall.domain.tables import Tables

READS = ("results", "pit_stops")
CLASSES = ("early", "mid", "late")
MID, LATE = 0.28, 0.42  # of the distance: mid from the one to the other, both included
MEANING = (
    f"first stop before {MID:.0%} of the laps of the race, up to {LATE:.0%} of them, or later; unknown for a car that made none, "
    "and before 2011, when stops are not recorded"
)
CAR = ["race_id", "driver_id"]


def first_stops(tables: Tables) -> pd.DataFrame:
    """Return race_id, driver_id and `share` of cars that stopped: the lap of the first stop over the laps of the race.

    Args:
        tables: those of `READS`, one version per row.
    """
    first = tables["pit_stops"].groupby(CAR, as_index=False)["lap"].min()
    laps = tables["results"].groupby("race_id")["laps"].max()
    distance = first["race_id"].map(laps)
    first["share"] = (first["lap"] / distance.where(distance > 0)).astype("float64")
    return first.loc[first["share"].notna(), [*CAR, "share"]].reset_index(drop=True)


def windows(share: pd.Series) -> pd.Series:
    """Return the class of each share of the distance, as an ordered categorical.

    Example:
        >>> windows(pd.Series([0.1, 0.28, 0.5])).tolist()
        ['early', 'mid', 'late']
    """
    codes = np.select([share < MID, share <= LATE], [0, 1], 2)
    return pd.Series(pd.Categorical.from_codes(codes, CLASSES, ordered=True), index=share.index)
