"""The entry list of a race to come is what the newest snapshot says: a driver who was replaced before the race is no longer entered.

Lines of a race that was run stay whatever a later snapshot lacks. A list that lost more than a car or two without others in
their place is a part of one, and takes nobody away.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

LISTS = ("entries", "grid")
MOST_WITHDRAWN = 2  # cars of one race that leave its list without a replacement
NO_LONGER_ENTERED = "no longer in the list of a race to come"


def no_longer_entered(known: pd.DataFrame, told: pd.DataFrame, run: Collection[int]) -> pd.Series:
    """Return which lines of all versions so far are of cars that a race to come no longer has.

    Args:
        known: all versions so far of one of `LISTS`.
        told: that table of the newest snapshot.
        run: ids of races with results.
    """
    cars = ["race_id", "driver_id"]
    before = known.drop_duplicates(cars).groupby("race_id").size()
    now = told.groupby("race_id").size().reindex(before.index, fill_value=0)
    whole = before.index[(now > 0) & (now >= before - MOST_WITHDRAWN) & ~before.index.isin(list(run))]
    gone = ~pd.MultiIndex.from_frame(known[cars]).isin(pd.MultiIndex.from_frame(told[cars]))
    return known["race_id"].isin(whole) & gone
