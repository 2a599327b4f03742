"""What questions about laps share: which laps were green, and which a car went into from a green one."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import LAP, RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.features.machinery.shared.green import GREEN, READS, lap_reasons
from pitwall.features.machinery.shared.race_laps import completed_laps


def next_green_laps(tables: Tables) -> pd.Series:
    """Return the time (s) of laps by (race_id, driver_id, lap): green and dry ones that followed a green one, null for all others.

    The lap before must have looked green when it ended, which is known at the cut-off; that this one was green is known later,
    deletions by race control included.
    """
    newest = tables.only(*READS).as_of()
    laps = completed_laps(newest)
    seemed = lap_reasons(laps, newest, over=False) == GREEN
    car = [laps[key] for key in RACE_DRIVER]
    follows = laps["lap"].groupby(car).shift() == laps["lap"] - 1
    from_green = follows & seemed.groupby(car).shift(fill_value=False)
    green = lap_reasons(laps, newest, over=True) == GREEN
    seconds = laps["seconds"].where(green & from_green)
    return pd.Series(seconds.to_numpy(), index=pd.MultiIndex.from_frame(laps[list(LAP)]), name="label")
