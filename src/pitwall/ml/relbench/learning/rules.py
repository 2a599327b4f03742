"""What ours is held against: the last value, a driver's mean, and LightGBM as it comes, retrained for every tick.

They read through the same reader as ours, at the same instants.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features.owned import owned
from pitwall.ml.relbench.features.tick import Array, Ids, Tick
from pitwall.ml.relbench.tasks import Task

Rule = Callable[[Task, Known, Tick], Array]
ROUNDS = 100
PLAIN = ("order", "grid", "points", "unfinished", "size")


def windows_before(task: Task, known: Known, seed: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.DataFrame]]:
    """Return the benchmark's own windows that were over at the instant of reading, newest first, each with its outcomes.

    Args:
        task: whose windows.
        known: what may be read.
        seed: windows lie whole lengths before it.
    """
    found = []
    first = known.results["at"].min() - task.window
    start = seed - task.window
    while start >= first:
        if start + task.window <= known.instant and len(true := task.outcomes(known, start)):
            found.append((start, true))
        start -= task.window
    return found


def entity_mean(task: Task, known: Known, tick: Tick) -> Array:
    """Answer with a driver's mean label in all windows that are over; a newcomer with that of everybody."""
    labels = pd.concat([true["label"] for _, true in windows_before(task, known, tick.seed)])
    own = labels.groupby(level=0).mean().reindex(tick.drivers)
    return np.asarray(own.fillna(labels.mean()), dtype=np.float64)


def last_value(task: Task, known: Known, tick: Tick) -> Array:
    """Answer with a driver's label in the newest window that they were in; a newcomer with everybody's mean."""
    labels = pd.concat([true["label"] for _, true in windows_before(task, known, tick.seed)])
    newest = labels[~labels.index.duplicated()].reindex(tick.drivers)
    return np.asarray(newest.fillna(labels.mean()), dtype=np.float64)


def plain_lightgbm(task: Task, known: Known, tick: Tick) -> Array:
    """Answer with LightGBM's defaults on means, last values and counts, learned from the benchmark's own windows."""
    import lightgbm as lgb

    lag = tick.seed - known.instant
    rows, labels = [], []
    for start, true in windows_before(task, known, tick.seed):
        past = known.before(start - lag)
        rows.append(_plain(past, true.index.to_numpy()))
        labels.append(true["label"].to_numpy())
    params = {
        "objective": "binary" if task.yes_or_no else "l1",
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
    }
    booster = lgb.train(params, lgb.Dataset(np.concatenate(rows), np.concatenate(labels)), ROUNDS)
    return np.asarray(booster.predict(_plain(known, tick.drivers), num_threads=1), dtype=np.float64)


def _plain(known: Known, drivers: Ids) -> Array:
    lines = owned(known.results, "driver", drivers, known.instant)
    laps = owned(known.qualifying, "driver", drivers, known.instant)
    columns = [lines.amount(np.inf), lines.newest(lines.age), laps.mean("place", np.inf), laps.column("place")]
    for name in PLAIN:
        columns += [lines.mean(name, np.inf), *(lines.column(name, back) for back in (1, 2, 3))]
    return np.column_stack(columns)


RULES: dict[str, Rule] = {"last value": last_value, "entity mean": entity_mean, "plain LightGBM": plain_lightgbm}
