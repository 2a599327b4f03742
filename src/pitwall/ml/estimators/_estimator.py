"""What an estimator is: it learns to order the cars of a race and answers with a position distribution.

A *frame* has the spine columns (`SPINE_COLUMNS`) and one float column per feature, for one or many races. An *outcome*
has the frame's index and the columns `place` (1 is best, without gaps in a race) and `retired` (bool). A position
matrix has one row per frame row and one column per place; the block of every race is doubly stochastic over its own
field and zero beyond it. Everything an estimator writes is a data-only file of its library (UBJ, JSON, safetensors).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from pitwall.ml.rows.spines import SPINE_COLUMNS

Role = Literal["model", "baseline"]
Params = dict[str, Any]
Report = Callable[[int, float], None]
Labelled = tuple[pd.DataFrame, pd.DataFrame]
Positions = np.ndarray[tuple[int, int], np.dtype[np.float64]]


class Trial(Protocol):
    """The part of an Optuna trial that a search space may use."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Choose a real number."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Choose an integer."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """Choose one of a few values."""


@runtime_checkable
class Fitted(Protocol):
    """An estimator after learning.

    Attributes:
        params: the parameters plus whatever the validation races decided (boosting rounds, temperature): enough to fit
            the same recipe again without a validation set.
        validation_loss: log loss (nats per race) on the validation races, None without them.
    """

    params: Params
    validation_loss: float | None

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row of the frame, rows x places of the largest field in it."""

    def save(self, folder: Path) -> None:
        """Write data-only files into an existing folder; the same state gives the same bytes."""


@runtime_checkable
class Explains(Protocol):
    """What a fitted estimator may offer beside: scores that are sums over features. Others simply lack the methods."""

    def scores(self, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Return the score per row in nats, higher is better, before any temperature."""

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the score: frame rows x features, in nats.

        A row's contributions and one base, the same for all rows, sum to its score.
        """


@runtime_checkable
class Estimator(Protocol):
    """One algorithm: a plug-in file ends with `ESTIMATOR = ...`.

    Attributes:
        name: its name in recipes, tables and the registry.
        role: `model`, or `baseline` for a rule that a model must beat.
        needs: feature columns that the frame must have; None for all features of the frame.

    A plug-in whose parameters validation races never change may say `settles = False`: a backtest then fits it once.
    """

    name: str
    role: Role
    needs: tuple[str, ...] | None

    def default(self) -> Params:
        """Return the default configuration, which is trial 0 of a search."""

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial; with no choices to make, `default()`."""

    def fit(
        self,
        frame: pd.DataFrame,
        outcome: pd.DataFrame,
        params: Params,
        seed: int,
        *,
        validation: Labelled | None = None,
        report: Report | None = None,
    ) -> Fitted:
        """Learn from labelled races.

        Args:
            frame: spine columns and features, any row order.
            outcome: `place` and `retired`, aligned with the frame.
            params: a configuration, possibly completed by an earlier fit's `Fitted.params`.
            seed: of every random choice.
            validation: later races that decide on early stopping and temperature; never a held-out season.
            report: called with (step, validation log loss) as learning goes on; may raise to stop a hopeless trial.
        """

    def load(self, folder: Path) -> Fitted:
        """Read what `save` wrote."""


def feature_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a frame that are features, in order."""
    return [name for name in frame.columns if name not in SPINE_COLUMNS]
