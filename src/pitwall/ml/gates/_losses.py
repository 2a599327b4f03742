"""Compare two models on the races that both predicted: what the baseline gate and the champion gate share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.evaluation import scoring
from pitwall.ml.evaluation.bootstrap import POWER_Z
from pitwall.ml.evaluation.scoring import metric_of
from pitwall.ml.gates._gate import Candidate
from pitwall.ml.templates import Template


def same_races(candidate: Candidate, theirs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of races that the candidate and another model predicted, with the same rows.

    Another data source may use the same race numbers for other races; those are not common.
    """
    ours, said = candidate.own, list(candidate.definition.kind.said)
    named = [_named(rows, said) for rows in (ours, theirs)]
    common = [race for race, rows in named[0].items() if named[1].get(race) == rows]
    first, second = (rows[rows["race_id"].isin(common)].reset_index(drop=True) for rows in (ours, theirs))
    return first, second


def _named(rows: pd.DataFrame, said: list[str]) -> dict[int, bytes]:
    """Return the rows of each race as they are named, in an order of their own, as something to compare."""
    names = np.array(rows[said].sort_values(said), dtype=np.int64)
    races, first = np.unique(names[:, 0], return_index=True)
    return {int(race): part.tobytes() for race, part in zip(races, np.split(names, first[1:]), strict=True)}


def gain(candidate: Candidate, template: Template, other: pd.DataFrame) -> Interval:
    """Return how much less the candidate loses than the other model, per common race, with its paired interval."""
    ours, theirs = same_races(candidate, other)
    params = candidate.params
    return scoring.gain(template, ours, theirs, candidate.tables, params.gates, params.seed)


def gains(candidate: Candidate, template: Template, other: pd.DataFrame) -> pd.Series:
    """Return how much less the candidate loses than the other model on each common race, by race_id."""
    both = scoring.paired_losses(template, *same_races(candidate, other), candidate.tables)
    return both["theirs"] - both["ours"]


@dataclass(frozen=True)
class Mean:
    """A mean over races, its standard error, and the one-sided quantile of Student's t at a level.

    For levels that many questions share: a few thousand draws of a bootstrap say nothing so far out in the tail.
    """

    value: float
    error: float
    quantile: float
    n: int

    @property
    def low(self) -> float:
        """The lower bound."""
        return self.value - self.quantile * self.error

    @property
    def high(self) -> float:
        """The upper bound."""
        return self.value + self.quantile * self.error

    @property
    def detectable(self) -> float:
        """The smallest true difference from zero that this level sees four times out of five."""
        return (self.quantile + POWER_Z) * self.error


def mean_over_races(values: np.ndarray, tail: float) -> Mean:
    """Return the mean of per-race values with bounds that each fail with the chance `tail`; needs two races."""
    from scipy.special import stdtrit

    races = len(values)
    error = float(np.std(values, ddof=1) / np.sqrt(races))
    return Mean(float(np.mean(values)), error, float(stdtrit(races - 1, 1 - tail)), races)


def margin_of(template: Template, nats: float) -> float:
    """Return the margin for a template's main loss, `gates.margin` being in nats."""
    return nats * metric_of(template, template.loss).margin_share


def unit(template: Template) -> str:
    """Return the unit of the template's main loss."""
    return metric_of(template, template.loss).unit


def too_few(interval: Interval, minimum: int) -> str:
    """Return what to say when an interval stands on too few races, else nothing."""
    if interval.n >= minimum:
        return ""
    return f"only {interval.n} races to judge on, gates.min_races asks for {minimum}; "
