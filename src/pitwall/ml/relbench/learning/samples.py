"""Samples of the past: ticks like the one that is asked about whose windows were over by then, much denser than the benchmark's own.

A sample's origin is its cut, and its seed lies as many days after it as the tick's does after the tick's cut: none when each tick is
answered at its own seed, years when all are answered at one cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features.table import Features
from pitwall.ml.relbench.features.tick import Array, Tick
from pitwall.ml.relbench.tasks import Task

FIRST = pd.Timestamp("1985-01-01")
STEP, STEP_AFTER = pd.Timedelta(days=10), pd.Timedelta(days=40)  # between origins: at the seed itself, years before it
LAGS = 3  # ticks whose distances from the cut are alike
NONE = pd.Timedelta(0)


@dataclass(frozen=True)
class Sample:
    """Ticks with their answers: features (rows x columns), label, fine (of `Task.outcomes`) and age in days, each (rows,)."""

    features: Array
    label: Array
    fine: Array
    age: Array


class Samples:
    """The samples of one task; what was made for one tick serves the next ones."""

    def __init__(self, task: Task, features: Features) -> None:
        self._task, self._features = task, features
        self._made: dict[tuple[pd.Timestamp, pd.Timedelta], tuple[Array, Array, Array]] = {}

    def of(self, known: Known, lag: pd.Timedelta) -> Sample:
        """Return all samples that can be made of what may be read.

        Args:
            known: what may be read.
            lag: from the cut to the seed.

        Raises:
            StageError: there is none.
        """
        lags = [each for each in (lag - back * self._task.window for back in range(LAGS)) if each > NONE] or [lag]
        parts = [(origin, self._one(known, origin, each)) for each in lags for origin in self._origins(known, each)]
        parts = [(origin, part) for origin, part in parts if len(part[1])]
        if not parts:
            raise StageError(
                f"nothing to learn from before {known.instant:%Y-%m-%d}: found no race with a window of {self._task.days} days that was over "
                f"{lag.days} days after an instant since {FIRST:%Y}. Give a dump with more seasons before the ticks."
            )
        ages = [np.full(len(part[1]), (known.instant - origin) / pd.Timedelta(days=1)) for origin, part in parts]
        features, label, fine = (np.concatenate([part[at] for _, part in parts]) for at in range(3))
        return Sample(features, label, fine, np.concatenate(ages))

    def _origins(self, known: Known, lag: pd.Timedelta) -> pd.DatetimeIndex:
        """Return the cuts of samples: a fixed grid, from the first rows to the last window that was over."""
        step, first = STEP_AFTER if lag else STEP, FIRST
        if len(known.results):
            first += max(0, (known.results["at"].iloc[0] - first) // step) * step
        return pd.date_range(first, known.instant - self._task.window - lag, freq=step, inclusive="left")

    def _one(self, known: Known, origin: pd.Timestamp, lag: pd.Timedelta) -> tuple[Array, Array, Array]:
        if (origin, lag) not in self._made:
            seed = origin + lag
            true = self._task.outcomes(known, seed)
            past = known.before(origin)
            if len(true) and len(past.results):
                tick = asked_before(self._task, known, origin, Tick(seed, true.index.to_numpy()))
                rows = self._features.of(past, tick).to_numpy()
            else:
                true, rows = true.iloc[:0], np.empty((0, 0))
            self._made[origin, lag] = (rows, true["label"].to_numpy(), true["fine"].to_numpy())
        return self._made[origin, lag]


def asked_before(task: Task, known: Known, cut: pd.Timestamp, tick: Tick) -> Tick:
    """Return a tick of the past with how often its drivers were asked about between the cut and its seed.

    Args:
        task: whose windows are counted.
        known: holds the rows up to the seed.
        cut: of the tick.
        tick: without such counts.
    """
    if cut == tick.seed:
        return tick
    rows = known.qualifying if task.qualifying else known.results
    at = rows["day" if task.qualifying else "at"]
    between = rows[(at > cut) & (at <= tick.seed)]
    asked = pd.DataFrame(
        {"driver": between["driver"], "tick": (at[between.index] - cut - pd.Timedelta(1)) // task.window}
    )
    return with_asked(asked.drop_duplicates(), tick)


def with_asked(asked: pd.DataFrame, tick: Tick) -> Tick:
    """Return a tick with the share of earlier ticks in which its drivers were asked about.

    Args:
        asked: driver, tick (any number that grows): once per driver and earlier tick since the cut.
        tick: to be completed.
    """
    ticks = asked["tick"].nunique()
    count = asked.groupby("driver").size().reindex(tick.drivers, fill_value=0).to_numpy(dtype=np.float64)
    last = asked.loc[asked["tick"] == asked["tick"].max(), "driver"]
    share = count / ticks if ticks else np.full(len(count), np.nan)
    return Tick(tick.seed, tick.drivers, share, np.isin(tick.drivers, last).astype(np.float64))
