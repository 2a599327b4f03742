"""What a green lap is: the one place that decides it, and says of every other lap why it is not.

Everything but a deletion is known when the lap ends: its own time, tyres and pit lane, messages and samples up to then,
and the laps that other cars had completed. Race control deletes a lap some minutes after it, at an instant that no table
holds: a race that is over knows its deletions, and live they come later (`_green_window`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.racing.tyres import RAIN_TYRES
from pitwall.domain.tables import Tables
from pitwall.features.machinery.once import once, sharing
from pitwall.features.machinery.shared.states import cumulative_known

READS = ("laps", "track_status", "session_status", "weather")
GREEN = "green"
DELETED = "deleted"
REASONS = {
    "first lap": "from the grid",
    "stopped": "the red flag was out, or the session aborted, during some of it",
    "restart": "after a stoppage: the lap from the pit lane, and the first one after it without a safety car: one of them ends "
    "on the grid before a standing start, or holds the wait there",
    "in lap": "into the pit lane",
    "out lap": "out of the pit lane",
    "safety car": "the safety car was out during some of it",
    "virtual safety car": "a virtual safety car was out, or ending, during some of it",
    "rain tyres": "on intermediate or wet tyres",
    "rain": "a sample of the weather during it, or the one before it, says rain",
    "wet track": "a quarter or more of the last 20 laps that any car completed by its end were driven on rain tyres",
    "no time": "completed without a printed time",
    DELETED: "its time was deleted by race control; counts three laps later while a race is on",
}
WET_LAPS, WET_FROM = 20, 0.25  # laps of the field, about one each, and the share on rain tyres that makes a track wet
AT_ONCE = 1.0  # seconds around a restart within which a lap counts as begun there
CAR = ["race_id", "driver_id"]

Flags = npt.NDArray[np.bool_]


def lap_reasons(laps: pd.DataFrame, tables: Tables, *, over: bool) -> pd.Series:
    """Return for each lap `green`, or the first of `REASONS` that it is not.

    Args:
        laps: completed laps, one row each.
        tables: with `READS`; the logs may be empty, then the laps' own columns tell what they can.
        over: the races are over, and every deletion is known; else nothing that came after a lap's end is used.
    """
    return _of_laps(lap_reasons.__name__ + str(over), laps, tables, lambda own: _reasons(own, tables, over))


def _of_laps(what: str, laps: pd.DataFrame, tables: Tables, make: Callable[[pd.DataFrame], pd.Series]) -> pd.Series:
    """Return what is made of laps, row by row; where work is shared it is made once for all orders in which groups have them."""
    if not sharing():
        return make(laps)
    keys = [laps[name].to_numpy() for name in (*CAR, "lap")]
    order = np.lexsort(keys[::-1])
    meant = b"|".join(key[order].tobytes() for key in keys)
    made_of = [tables[name] for name in READS]
    made = once((what, meant), made_of, lambda: make(laps.iloc[order].reset_index(drop=True)))
    return pd.Series(made.array.take(np.argsort(order)), index=laps.index)


def _reasons(laps: pd.DataFrame, tables: Tables, over: bool) -> pd.Series:
    status, _, weather = (tables[name] for name in READS[1:])
    codes = {code: _has(laps, code) | _told(laps, status, status["status"] == code) for code in "467"}
    found: dict[str, Flags] = {
        "first lap": (laps["lap"] == 1).to_numpy(bool),
        "stopped": stopped_laps(laps, tables),
        "restart": _restarts(laps, tables, codes["4"]),
        "in lap": laps["pit_in_seconds"].notna().to_numpy(bool),
        "out lap": laps["pit_out_seconds"].notna().to_numpy(bool),
        "safety car": codes["4"],
        "virtual safety car": codes["6"] | codes["7"],
        "rain tyres": _on_rain_tyres(laps).to_numpy(bool),
        "rain": is_true(laps["rainfall"]) | _told(laps, weather, weather["rainfall"]),
        "wet track": _wet_track(laps),
        "no time": laps["seconds"].isna().to_numpy(bool),
        DELETED: is_true(laps["deleted"]) & over,
    }
    return pd.Series(np.select(list(found.values()), list(found), GREEN), index=laps.index, dtype="object")


def stopped_laps(laps: pd.DataFrame, tables: Tables) -> Flags:
    """Return during which laps the red flag was out, or the session aborted.

    Args:
        laps: one row each.
        tables: with `READS`.
    """
    status, session = tables["track_status"], tables["session_status"]
    aborted = _told(laps, session, session["status"] == "Aborted")
    return _has(laps, "5") | _told(laps, status, status["status"] == "5") | aborted


def reasons_known_at(laps: pd.DataFrame, tables: Tables) -> pd.Series:
    """Return when everything was known that `lap_reasons` reads up to the end of each lap, and all earlier laps of its car.

    Args:
        laps: completed laps, sorted by race, driver and lap or by race and end.
        tables: with `READS`.
    """
    return _of_laps(reasons_known_at.__name__, laps, tables, lambda own: _known_at(own, tables))


def _known_at(laps: pd.DataFrame, tables: Tables) -> pd.Series:
    rows = laps.sort_values(["race_id", "end_seconds", "driver_id"])
    known = cumulative_known(rows, ["race_id"])
    for name in READS[1:]:
        log = _in_order(tables[name])
        told = log[["race_id", "seconds"]].assign(told=cumulative_known(log, ["race_id"])).sort_values("seconds")
        asked = rows[["race_id", "end_seconds"]].assign(row=rows.index).sort_values("end_seconds", kind="stable")
        found = pd.merge_asof(asked, told, left_on="end_seconds", right_on="seconds", by="race_id").set_index("row")[
            "told"
        ]
        known = known.where(~(found.reindex(rows.index) > known), found.reindex(rows.index))
    by_car = laps.assign(known_at=known.reindex(laps.index)).sort_values([*CAR, "lap"])
    return cumulative_known(by_car, CAR).reindex(laps.index)


def _restarts(laps: pd.DataFrame, tables: Tables, safety_car: Flags) -> Flags:
    """Return each car's first lap out of the pit lane after a stoppage, and the first one after it without a safety car.

    A car that did not leave the pit lane is taken to go on with the first lap that begins at the restart.
    """
    rows = laps.reset_index(drop=True).assign(safety_car=safety_car).sort_values([*CAR, "lap"])
    places = rows.groupby("race_id").indices
    found = np.zeros(len(rows), dtype=bool)
    for race_id, restart in _resumed(tables):
        race = rows.iloc[places.get(race_id, [])]
        car = race["driver_id"]
        left = (race["pit_out_seconds"] >= restart) | (race["start_seconds"] >= restart - AT_ONCE)
        on = (left & (race["end_seconds"] > restart)).groupby(car).cummax()
        out = on & ~on.groupby(car).shift(fill_value=False)
        racing = on & ~out & ~race["safety_car"]
        found[race.index[out | (racing & (racing.groupby(car).cumsum() == 1))]] = True
    return found


def _resumed(tables: Tables) -> list[tuple[int, float]]:
    """Return race and instant (race clock) of every restart, as either log tells it."""
    found: set[tuple[int, float]] = set()
    for name, halt in (("session_status", "Aborted"), ("track_status", "5")):
        log = _in_order(tables[name])
        if name == "session_status":
            log = log[log["status"].isin([halt, "Started"])]
        before = log["status"].groupby(log["race_id"]).shift()
        again = log[(before == halt) & (log["status"] != halt)]
        found |= set(zip(again["race_id"], again["seconds"], strict=True))
    return sorted(found)


def _told(laps: pd.DataFrame, log: pd.DataFrame, flag: pd.Series) -> Flags:
    """Return whether a flagged entry of a log stood when a lap began, or came before it ended."""
    log = _in_order(log.assign(flag=flag.fillna(value=False).astype(bool)))
    begins, ends = (laps[name].to_numpy(float) for name in ("start_seconds", "end_seconds"))
    places, found = laps.groupby("race_id").indices, np.zeros(len(laps), dtype=bool)
    for race_id, entries in log.groupby("race_id"):
        race = places.get(race_id, [])
        clock, count = entries["seconds"].to_numpy(float), np.r_[0, np.cumsum(entries["flag"])]
        first = np.maximum(np.searchsorted(clock, begins[race], side="right") - 1, 0)  # in force at the start
        last = np.searchsorted(clock, ends[race], side="right")
        found[race] = count[np.maximum(last, first)] > count[first]
    return found


def _in_order(log: pd.DataFrame) -> pd.DataFrame:
    return once(_in_order.__name__, [log], lambda: _sorted_log(log))


def _sorted_log(log: pd.DataFrame) -> pd.DataFrame:
    number = "sample" if "sample" in log else "message"
    return log.sort_values(["race_id", "seconds", number])


def _wet_track(laps: pd.DataFrame) -> Flags:
    ordered = laps.reset_index(drop=True).sort_values(["race_id", "end_seconds", "driver_id"])
    rain = _on_rain_tyres(ordered).astype("float64").groupby(ordered["race_id"])
    share = rain.rolling(WET_LAPS, min_periods=1).mean().droplevel(0)
    return np.asarray((share >= WET_FROM).reindex(range(len(laps))), dtype=bool)


def _on_rain_tyres(laps: pd.DataFrame) -> pd.Series:
    return laps["compound"].isin(RAIN_TYRES)


def _has(laps: pd.DataFrame, code: str) -> Flags:
    """Return whether the laps' own status holds a code."""
    own = laps["track_status"].map({status: code in status for status in laps["track_status"].unique()})
    return np.asarray(own, dtype=bool)


def is_true(flags: pd.Series) -> Flags:
    """Return which nullable flags are set."""
    return np.asarray(flags.fillna(value=False), dtype=bool)
