"""What questions about laps share: which laps were green, which a car went into from a green one, and how far behind it ended one."""

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


def green_gaps(tables: Tables, laps: int) -> pd.Series:
    """Return the gap (s) to the leader some laps on by (race_id, driver_id, lap), null where it was not or did not come of green laps.

    The gap at the end of a lap is the time between the first car to complete that lap and this one, whatever else the leader has
    driven by then: of a lapped car it is longer than a lap, and a leader's own is 0. The lap before the row's must have looked green
    when it ended, and the one at whose end the gap is taken must have been green and dry for the car; stops and flags in between, and
    what the leader did on any of them, count as they came.

    Args:
        tables: with `READS`.
        laps: 1 for the row's own lap, 5 for the fourth after it.
    """
    newest = tables.only(*READS).as_of()
    rows = completed_laps(newest)
    rows["gap"] = rows["end_seconds"] - rows.groupby(["race_id", "lap"])["end_seconds"].transform("min")
    rows["gap"] = rows["gap"].where(lap_reasons(rows, newest, over=True) == GREEN)
    seemed = lap_reasons(rows, newest, over=False) == GREEN
    then = rows.assign(lap=rows["lap"] - laps)[[*LAP, "gap"]]
    asked = rows.loc[seemed, list(LAP)].merge(then, on=list(LAP)).assign(lap=lambda found: found["lap"] + 1)
    return asked.set_index(list(LAP))["gap"].rename("label")
