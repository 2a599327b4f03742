"""The interface of a learner: columns and a target in, a score per row out, on top of a margin where one is given.

A family decides what the target, the margin and the score mean (log odds of an event, what a line leaves of a number); a learner
knows its library alone. So a new family takes all of them, and a new library serves all families.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.calibration import Array, chances, log_loss
from pitwall.ml.estimators.shared.trees import TreeRows, Watch

Loss = Literal["log", "absolute", "squared"]
"""What is made small: the log loss of a score in log odds, the absolute error, or the squared error."""


class Learned(Protocol):
    """A learner after learning.

    Attributes:
        settled: parameters that later races decided (`rounds`), to fit the same again without them.
    """

    @property
    def settled(self) -> Params:
        """See the attribute."""

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return a score per row of rows x features (NaN where not known), on top of the margin."""

    def save(self, path: Path) -> None:
        """Write one data-only file; the same state gives the same bytes."""


@runtime_checkable
class Attributes(Protocol):
    """What a learned score may offer beside: the part that each feature has in it."""

    def contributions(self, values: Array) -> Array:
        """Return rows x features that, with one base for all rows, sum to the score less its margin."""


class Learner(Protocol):
    """A library.

    Attributes:
        file: what one learned score is written to, e.g. `booster.ubj`.
        coarse: parameters for a question that needs no search, such as how large errors usually are.
    """

    @property
    def file(self) -> str:
        """See the attribute."""

    @property
    def coarse(self) -> Mapping[str, object]:
        """See the attribute."""

    def learn(self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None) -> Learned:
        """Return what was learned.

        Args:
            rows: sorted rows, what they are worth and, for `log`, the margin that they start from.
            loss: what is made small.
            params: of the library; a settled `rounds` counts where there is no watch.
            seed: of every random choice.
            watch: later races that decide when to stop; its report hears of it and may raise to stop a hopeless trial.
        """

    def load(self, path: Path) -> Learned:
        """Read what `save` wrote."""


def rounds_of(params: Params, watch: Watch | None, most: int, usual: int) -> int:
    """Return for how many rounds to go on: with a watch the most, else as settled, else the usual number."""
    return most if watch is not None else max(1, int(params.get("rounds", usual)))


def loss_of(loss: Loss, target: Array, score: Array) -> float:
    """Return the mean loss of scores."""
    if loss == "log":
        return log_loss(chances(score), target)
    off = np.abs(target - score)
    return float((off if loss == "absolute" else off**2).mean())
