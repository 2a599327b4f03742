"""What was tried: the list that a search records, and by which it is repeated without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Params

State = Literal["COMPLETE", "FAILED"]


@dataclass(frozen=True)
class Trial:
    """One candidate: an estimator with parameters.

    Attributes:
        number: in the order of the search, from 0.
        estimator: its name.
        nth: of its estimator, from 0, which is the default configuration.
        params: as proposed.
        settled: completed by what later races decide; what a refit needs.
        state: COMPLETE, or FAILED with the reason.
        value: of the compared metric, over the forecast seasons.
        loss: the criterion there (see `Scores.criterion`).
        seconds: CPU seconds that it took.
        at: CPU seconds of the search when it was done.
        reason: why it failed.
    """

    number: int
    estimator: str
    nth: int
    params: Params
    settled: Params
    state: State
    value: float | None
    loss: float | None
    seconds: float
    at: float
    reason: str = ""

    @property
    def name(self) -> str:
        """A name that sorts as it was tried, e.g. `xgboost#003`."""
        return f"{self.estimator}#{self.nth:03d}"

    def row(self) -> dict[str, Any]:
        """Return it as a row of JSON."""
        return {"candidate": self.name, **asdict(self)}


@dataclass(frozen=True)
class Tried:
    """A trial with what it answered of the forecast rows; no answer where it failed.

    Attributes:
        trial: what was tried.
        answer: about the forecast rows.
        cost: the compared metric, lower is better.
        losses: the criterion by race.
    """

    trial: Trial
    answer: pd.DataFrame | None = field(default=None, repr=False)
    cost: float = float("inf")
    losses: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)

    @property
    def rank(self) -> tuple[float, float, str]:
        """What candidates are sorted by, the best first: the metric, then the criterion, then the name."""
        loss = self.trial.loss
        return self.cost, float("inf") if loss is None else loss, self.trial.name


def counts_of(trials: Iterable[Trial] | Mapping[str, int]) -> dict[str, int]:
    """Return how many candidates of each estimator a list of trials holds: all that a repetition needs."""
    found = trials if isinstance(trials, Mapping) else Counter(each.estimator for each in trials)
    return {name: int(found[name]) for name in sorted(found)}
