"""Which of some runs was best: by the last value of a metric, or by its best, smallest or largest one."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from pitwall.domain.errors import UnknownName
from pitwall.tracking.experiments.run import Run

Which = Literal["last", "best", "min", "max"]


def best_run(runs: Iterable[Run], metric: str, *, maximize: bool = True, which: Which = "last") -> Run | None:
    """Return the best run, the first one among equals; None where no run has a value that counts.

    Values that are not finite never count; a run whose last one is not has diverged, and has no last value.

    Args:
        runs: to choose from, oldest first.
        metric: its name.
        maximize: whether more is better.
        which: `last` value of each run, its `best` one in the sense of `maximize`, or its `min` or `max`.

    Raises:
        UnknownName: `which` is none of these.
    """
    if which not in get_args(Which):
        raise UnknownName("value to compare by", which, get_args(Which))
    pick: Any = {"min": min, "max": max, "best": max if maximize else min}.get(which)
    best, best_value = None, 0.0
    for run in runs:
        value = last_value(run, metric) if pick is None else _extreme(run, metric, pick)
        if value is not None and (best is None or (value > best_value if maximize else value < best_value)):
            best, best_value = run, value
    return best


def best_of(runs: Sequence[Run], metric: str, *, maximize: bool = True, which: Which = "last") -> Run | None:
    """Return what `best_run` does, and warn where runs have no such metric but others, the nearest of which are named."""
    best = best_run(runs, metric, maximize=maximize, which=which)
    others = sorted({name for run in runs for name in run["metrics"]})
    if best is None and others and metric not in others:
        warnings.warn(f"None is the best run: {UnknownName('metric of these runs', metric, others)}", stacklevel=3)
    return best


def last_value(run: Run, metric: str) -> float | None:
    """Return the last value of a metric; None where there is none, or it was no finite number."""
    if metric not in run["metrics"]:
        return None
    lost = run["not_finite"].get(metric)
    if lost is not None and lost["last"] >= run["metric_history"][metric][-1][0]:
        return None
    return float(run["metrics"][metric])


def _extreme(run: Run, metric: str, pick: Any) -> float | None:
    history = run["metric_history"].get(metric, []) if metric in run["metrics"] else []
    return pick(value for _, value in history) if history else None
