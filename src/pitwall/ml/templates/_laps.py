"""What questions about laps share: which laps were green, which a car went into from a green one, how far behind it ended them, and whether into the pits."""

from __future__ import annotations

import numpy as np
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


def stops_within(tables: Tables, laps: int) -> pd.Series:
    """Return whether a car comes into the pits at the end of the row's lap or of one after it, by (race_id, driver_id, lap).

    It counts where the car goes out again; a penalty served in the pit lane counts too. Null where it is not known: fewer laps
    followed without a stop, because the car retired or the race was over, or a red flag brought all cars into the pits meanwhile.

    Args:
        tables: with `READS`.
        laps: how many, the row's own among them.
    """
    newest = tables.only(*READS).as_of()
    rows = completed_laps(newest)
    rows["halted"] = (lap_reasons(rows, newest, over=True) == "stopped").astype("float64")
    begun = pd.MultiIndex.from_frame(newest["laps"][list(LAP)])
    went_on = pd.MultiIndex.from_frame(rows[list(LAP)].assign(lap=rows["lap"] + 1)).isin(begun)
    rows["stops"] = np.where(rows["pit_in_seconds"].isna(), 0.0, np.where(went_on, 1.0, np.nan))
    told, key = rows.set_index(list(LAP)), rows[list(LAP)]
    ahead = [pd.MultiIndex.from_frame(key.assign(lap=key["lap"] + lap)) for lap in range(1, laps + 1)]
    stops, halted = (np.column_stack([told[name].reindex(at) for at in ahead]) for name in ("stops", "halted"))
    label = np.where((stops == 1).any(axis=1), 1.0, stops.sum(axis=1))
    label = pd.Series(np.where((halted == 1).any(axis=1), np.nan, label), ahead[0], name="label")
    return label.astype("boolean")
