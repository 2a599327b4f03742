"""Which laps a car drove on one set of tyres: the feed's stints, joined where a car passed the pit lane and kept what it had.

The feed begins a stint with every exit from the pit lane. A car that serves a penalty there, or follows the safety car through it, goes
on with its set: compound and age of the next lap say so.
"""

from __future__ import annotations

import pandas as pd

CAR = ["race_id", "driver_id"]


def begins_set(laps: pd.DataFrame) -> pd.Series:
    """Return which laps are the first of their car on a set of tyres.

    Args:
        laps: canonical laps, one version each, sorted by race, driver and lap.
    """
    before = laps.groupby(CAR)[["stint", "compound", "tyre_laps"]].shift()
    same = laps["stint"].eq(before["stint"])
    kept = laps["compound"].eq(before["compound"]) & laps["tyre_laps"].eq(before["tyre_laps"] + 1)
    return ~(same | kept.fillna(value=False).astype(bool))


def first_laps(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the first completed lap on each set of tyres, but for those that ended in the pit lane: such a set is off again.

    Args:
        laps: as above.
    """
    own = _with_set(laps)
    first = own[own["completed"]].drop_duplicates("set").drop_duplicates([*CAR, "stint"])
    return first[first["pit_in_seconds"].isna()].astype({"stint": "int64"})


def laps_to_come(laps: pd.DataFrame, stopped: pd.Series) -> pd.DataFrame:
    """Return for how many laps each set of `first_laps` stayed on after that lap, and whether its end was seen.

    It is seen where the car comes into the pits and drives on with another set. It is not where the flag falls, the car retires, or a red
    flag comes out: under it all cars stand in the pit lane and change tyres for nothing.

    Args:
        laps: as above, with the unfinished laps of cars that retired.
        stopped: which laps a red flag stopped, with the index of `laps`.

    Returns:
        By race, driver and stint: `laps`, ends of laps at which it was watched, null for none; `ended`, at the last of them it came off;
        `room`, at how many it could have been watched: up to the last lap but one of the race.
    """
    own = _with_set(laps).assign(stopped=stopped)
    following = own.groupby(CAR)[["lap", "set"]].shift(-1)
    watched = own["completed"] & ~own["stopped"] & following["lap"].notna()
    stays = watched & following["set"].eq(own["set"])
    into = own["pit_in_seconds"].notna()
    flag = own["completed"] & ~own["stopped"] & following["lap"].isna() & ~into
    later = own.assign(stays=stays, off=watched & ~stays & into, flag=flag)
    first = first_laps(laps).set_index("set")
    later = later[later["lap"] > later["set"].map(first["lap"])]
    on = later.groupby("set")["stays"].cummin().groupby(later["set"])
    end = later[later.groupby("set").cumcount() == on.transform("sum")].set_index("set")
    ended = pd.Series(first.index.isin(end.index[end["off"]]), index=first.index)
    seen = (on.sum().reindex(first.index).fillna(0.0) + ended).astype("float64")
    room = first["race_id"].map(own["lap"].where(own["completed"]).groupby(own["race_id"]).max()) - 1.0 - first["lap"]
    room = seen.where(first.index.isin(end.index[end["flag"]]), room.clip(lower=seen))
    found = first.assign(laps=seen.where(seen > 0), ended=ended, room=room)
    return found.set_index([*CAR, "stint"])[["laps", "ended", "room"]]


def _with_set(laps: pd.DataFrame) -> pd.DataFrame:
    own = laps[laps["stint"].notna()]
    return own.assign(set=begins_set(own).cumsum())
