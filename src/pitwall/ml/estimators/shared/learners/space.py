"""The choices of a search as data: what may be chosen from which range, in the order in which it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pitwall.ml.estimators._estimator import Params, Trial


@dataclass(frozen=True)
class Real:
    """A real number, evenly or by its logarithm."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Whole:
    """A whole number, evenly or by its logarithm."""

    low: int
    high: int
    log: bool = False


Space = Mapping[str, Real | Whole]


def choose(trial: Trial, space: Space) -> Params:
    """Return a configuration chosen by the trial."""
    return {
        name: trial.suggest_int(name, each.low, each.high, log=each.log)
        if isinstance(each, Whole)
        else trial.suggest_float(name, each.low, each.high, log=each.log)
        for name, each in space.items()
    }
