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

ROUNDS = 100
SETTINGS = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
PLAIN = ("order", "grid", "points", "unfinished", "size")


class Windows:
    """The benchmark's own windows, whole lengths before a seed, with their outcomes; kept, for every later tick asks for them again."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._made: dict[pd.Timestamp, pd.DataFrame] = {}
        self._read: dict[tuple[pd.Timestamp, pd.Timedelta], Array] = {}

    def before(self, known: Known, seed: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.DataFrame]]:
        """Return the start and the outcomes of each window that was over at the instant of reading, newest first."""
        found = []
        first = known.results["at"].min() - self.task.window
        start = seed - self.task.window
        while start >= first:
            if start + self.task.window <= known.instant:
                if start not in self._made:
                    self._made[start] = self.task.outcomes(known, start)
                if len(self._made[start]):
                    found.append((start, self._made[start]))
            start -= self.task.window
        return found

    def labels(self, known: Known, tick: Tick) -> pd.Series:
        """Return all labels by driver, newest first."""
        return pd.concat([true["label"] for _, true in self.before(known, tick.seed)])

    def plain(self, known: Known, start: pd.Timestamp, lag: pd.Timedelta) -> Array:
        """Return plain features of a window's drivers, read as long before its start as is asked about."""
        if (start, lag) not in self._read:
            self._read[start, lag] = _plain(known.before(start - lag), self._made[start].index.to_numpy())
        return self._read[start, lag]


Rule = Callable[[Windows, Known, Tick], Array]


def entity_mean(windows: Windows, known: Known, tick: Tick) -> Array:
    """Answer with a driver's mean label in all windows that are over; a newcomer with that of everybody."""
    labels = windows.labels(known, tick)
    own = labels.groupby(level=0).mean().reindex(tick.drivers)
    return np.asarray(own.fillna(labels.mean()), dtype=np.float64)


def last_value(windows: Windows, known: Known, tick: Tick) -> Array:
    """Answer with a driver's label in the newest window that they were in; a newcomer with everybody's mean."""
    labels = windows.labels(known, tick)
    newest = labels[~labels.index.duplicated()].reindex(tick.drivers)
    return np.asarray(newest.fillna(labels.mean()), dtype=np.float64)


def plain_lightgbm(windows: Windows, known: Known, tick: Tick) -> Array:
    """Answer with LightGBM's defaults on means, last values and counts, learned from the benchmark's own windows."""
    import lightgbm as lgb

    lag = tick.seed - known.instant
    over = windows.before(known, tick.seed)
    features = np.concatenate([windows.plain(known, start, lag) for start, _ in over])
    label = np.concatenate([true["label"].to_numpy() for _, true in over])
    params = {**SETTINGS, "objective": "binary" if windows.task.yes_or_no else "l1"}
    booster = lgb.train(params, lgb.Dataset(features, label), ROUNDS)
    return np.asarray(booster.predict(_plain(known, tick.drivers), num_threads=1), dtype=np.float64)


def _plain(known: Known, drivers: Ids) -> Array:
    lines = owned(known.results, "driver", drivers, known.instant)
    laps = owned(known.qualifying, "driver", drivers, known.instant)
    columns = [lines.amount(np.inf), lines.newest(lines.age), laps.mean("place", np.inf), laps.column("place")]
    for name in PLAIN:
        columns += [lines.mean(name, np.inf), *(lines.column(name, back) for back in (1, 2, 3))]
    return np.column_stack(columns)


RULES: dict[str, Rule] = {"last value": last_value, "entity mean": entity_mean, "plain LightGBM": plain_lightgbm}
