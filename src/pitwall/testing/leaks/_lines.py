"""Lines of a table as one value per race and entity, and statistics of an entity's lines so far.

Plain NumPy: a study computes these groups tens of thousands of times.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import STAMPS, FeatureGroup
from pitwall.testing.leaks._draw import Draw

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WIDTH = 64  # lines of an entity that "all so far" means; fixed, because the rounding of sums depends on it
CAR = 1_000_000


def entered(tables: Tables, draw: Draw) -> pd.DataFrame:
    """Return race_id, the entity's id, season, round and the stamps of the entry list, in time order.

    It holds a row before the race is run; a row of a circuit or team stands for all its cars.
    """
    return _per_entity(tables, draw, tables["entries"].assign(value=0.0))


def lines(tables: Tables, draw: Draw) -> pd.DataFrame:
    """Return race_id, the entity's id, season, round, `value` and stamps, in time order.

    All lines of a race count as known when the last of them is, and when the entry list is that says who drives for whom.
    """
    rows = tables[draw.table]
    teams = tables["entries"]
    ids, of = _car(teams), _car(rows)
    order = np.argsort(ids)
    at = order[np.minimum(np.searchsorted(ids, of, sorter=order), len(ids) - 1)] if len(ids) else of[:0]
    known = ids[at] == of if len(ids) else np.zeros(len(of), dtype=bool)
    rows, at = rows[known], at[known]
    stamped = pd.DataFrame(
        {
            "race_id": rows["race_id"].to_numpy(),
            "driver_id": rows["driver_id"].to_numpy(),
            "constructor_id": teams["constructor_id"].to_numpy()[at],
            "value": rows[draw.column].to_numpy(np.float64),
            "event_timestamp": rows["event_timestamp"].to_numpy("datetime64[us]"),
            "known_at": np.maximum(
                rows["known_at"].to_numpy("datetime64[us]"), teams["known_at"].to_numpy("datetime64[us]")[at]
            ),
        }
    )
    return _per_entity(tables, draw, stamped, whole_race=True)


def _car(rows: pd.DataFrame) -> Ints:
    return np.asarray(rows["race_id"].to_numpy(np.int64) * CAR + rows["driver_id"].to_numpy(np.int64))


def _per_entity(tables: Tables, draw: Draw, rows: pd.DataFrame, whole_race: bool = False) -> pd.DataFrame:
    """Return the mean value of each race and entity with the last of its stamps (of the race's, if asked)."""
    races = tables["races"].drop_duplicates("race_id", keep="last").sort_values("race_id")
    race = rows["race_id"].to_numpy(np.int64)
    at = np.searchsorted(races["race_id"].to_numpy(), race)
    key = races["circuit_id"].to_numpy()[at] if draw.entity == "circuit" else rows[draw.key].to_numpy(np.int64)
    value = rows["value"].to_numpy(np.float64)
    order = np.lexsort((value, key, race))  # sums of the same numbers in the same order
    race, key, value, at = race[order], key[order], value[order], at[order]
    starts = np.flatnonzero(np.r_[True, (race[1:] != race[:-1]) | (key[1:] != key[:-1])][: len(race)])
    stamps = [np.asarray(rows[name].to_numpy("datetime64[us]")).astype(np.int64)[order] for name in STAMPS]
    if whole_race and len(race):
        first = np.flatnonzero(np.r_[True, race[1:] != race[:-1]])
        size = np.diff(np.r_[first, len(race)])
        stamps = [np.repeat(np.maximum.reduceat(stamp, first), size) for stamp in stamps]
    if len(starts):  # an empty table has nothing to put together
        told = ~np.isnan(value)
        count = np.add.reduceat(told.astype(np.float64), starts)
        value = np.add.reduceat(np.where(told, value, 0.0), starts) / np.where(count > 0, count, np.nan)
        stamps = [np.maximum.reduceat(stamp, starts) for stamp in stamps]
    of = races.iloc[at[starts]]
    ids = {"race_id": race[starts], draw.key: key[starts], "season": of["season"], "round": of["round"], "value": value}
    when = {
        name: pd.to_datetime(stamp, unit="us", utc=True).as_unit("us")
        for name, stamp in zip(STAMPS, stamps, strict=True)
    }
    made = pd.DataFrame({name: np.asarray(values) for name, values in ids.items()} | when)
    return made.iloc[np.lexsort((key[starts], race[starts], stamps[0]))].reset_index(drop=True)


def so_far(values: pd.Series, key: pd.Series, draw: Draw) -> pd.Series:
    """Return the statistic of each entity's values up to and including the row's own (rows in time order)."""
    width = draw.window if draw.statistic in {"mean", "median", "min", "max", "std"} else WIDTH
    lags = _lags(values.to_numpy(np.float64), key.to_numpy(), width)
    return pd.Series(_statistic(lags, draw), values.index)


def growing_mean(values: pd.Series, key: pd.Series) -> pd.Series:
    """Return the mean of each entity's values so far."""
    lags = _lags(values.to_numpy(np.float64), key.to_numpy(), WIDTH)
    return pd.Series(_mean(lags, np.ones(WIDTH)), values.index)


def _lags(values: Array, key: Ints, width: int) -> Array:
    """Return rows x width: the entity's own value, the one before, ..., NaN where there were fewer."""
    order = np.argsort(key, kind="stable")
    sorted_key, sorted_values = key[order], values[order]
    back = np.arange(len(key))[:, None] - np.arange(width)[None, :]
    at = np.maximum(back, 0)
    same = (back >= 0) & (sorted_key[at] == sorted_key[:, None])
    lags = np.empty((len(key), width))
    lags[order] = np.where(same, sorted_values[at], np.nan)
    return lags


def _statistic(lags: Array, draw: Draw) -> Array:
    if draw.statistic in {"min", "max"}:
        empty = np.inf if draw.statistic == "min" else -np.inf
        found = getattr(np.where(np.isnan(lags), empty, lags), draw.statistic)(axis=1)
        return np.where(np.isinf(found), np.nan, found)
    if draw.statistic == "median":
        count = (~np.isnan(lags)).sum(axis=1)
        ordered = np.sort(lags, axis=1)
        middle = np.maximum(np.stack([(count - 1) // 2, count // 2]), 0)
        return np.asarray(np.take_along_axis(ordered, middle.T, axis=1).mean(axis=1))
    if draw.statistic == "last":
        newest = np.argmin(np.isnan(lags), axis=1)
        return np.asarray(lags[np.arange(len(lags)), newest])
    if draw.statistic == "std":
        mean = _mean(lags, np.ones(lags.shape[1]))
        return np.sqrt(_mean((lags - mean[:, None]) ** 2, np.ones(lags.shape[1])))
    half = draw.window if draw.statistic == "ewm" else np.inf
    return _mean(lags, 0.5 ** (np.arange(lags.shape[1]) / half))


def _mean(lags: Array, weights: Array) -> Array:
    told = ~np.isnan(lags)
    total = (told * weights).sum(axis=1)
    return np.asarray((np.where(told, lags, 0.0) * weights).sum(axis=1) / np.where(total > 0, total, np.nan))


def states(rows: pd.DataFrame, values: pd.Series, group: FeatureGroup) -> pd.DataFrame:
    """Return the rows as a group's table of states, each known when all before it is."""
    known = _known_so_far(rows["known_at"], rows[group.keys[0]])
    return rows.assign(**{group.names[0]: values, "known_at": known})[group.columns]


def _known_so_far(known: pd.Series, key: pd.Series) -> pd.Series:
    newest = known.astype("int64").groupby(key.to_numpy()).cummax()
    return pd.to_datetime(newest, unit="us", utc=True).astype(known.dtype)


def before(tables: Tables, draw: Draw) -> pd.DataFrame:
    """Return the rows of `entered` with `own` (the value of the race itself), `upto` (its own included) and `past`.

    `past` and `past_known` are of the races before, the honest answer before the race.
    """
    rows, found = entered(tables, draw), lines(tables, draw)
    ids, of = (each["race_id"].to_numpy() * CAR + each[draw.key].to_numpy() for each in (found, rows))
    order = np.argsort(ids)
    at = order[np.minimum(np.searchsorted(ids, of, sorter=order), len(ids) - 1)] if len(ids) else np.zeros(0, int)
    there = ids[at] == of if len(ids) else np.zeros(len(of), dtype=bool)
    own = np.full(len(of), np.nan)
    own[there] = found["value"].to_numpy()[at[there]]
    known = rows["known_at"].astype("int64").to_numpy().copy()
    known[there] = np.maximum(known[there], found["known_at"].astype("int64").to_numpy()[at[there]])
    rows["own"] = own
    rows["upto"] = so_far(rows["own"], rows[draw.key], draw)
    per = pd.DataFrame({"past": rows["upto"], "known": known}).groupby(rows[draw.key].to_numpy())
    rows["past"] = per["past"].shift(1)
    newest = per["known"].cummax().groupby(rows[draw.key].to_numpy()).shift(1, fill_value=0)
    last = np.maximum(newest, rows["known_at"].astype("int64"))
    rows["past_known"] = pd.to_datetime(last, unit="us", utc=True).astype(rows["known_at"].dtype)
    return rows
