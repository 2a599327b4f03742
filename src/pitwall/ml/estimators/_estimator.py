"""What an estimator is: it learns from labelled rows and answers as its family does.

A *frame* has the spine columns of its row kind and one float column per feature, for one or many races. An *outcome* has the
frame's index and the columns of its family (`Family.outcome_types`; for the order: `place`, 1 is best, without gaps in a race, and
`retired`). An answer has one row per frame row and the family's columns. Everything an estimator writes is a data-only file of
its library (UBJ, CBM, text) or of plain arrays and values (npz, JSON).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import pandas as pd

Role = Literal["model", "baseline"]
Params = dict[str, Any]
Report = Callable[[int, float], None]
Heard = Callable[[str, int, float], None]
Labelled = tuple[pd.DataFrame, pd.DataFrame]


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
        validation_loss: on the validation races (for the order: log loss of the winner, nats per race), None without them.
    """

    params: Params
    validation_loss: float | None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the family's answer per row of the frame, with its index."""

    def save(self, folder: Path) -> None:
        """Write data-only files into an existing folder; the same state gives the same bytes."""


@runtime_checkable
class Explains(Protocol):
    """What a fitted estimator may offer beside: scores that are sums over features. Others simply lack the methods."""

    def scores(self, frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the score per row, before calibration: in nats, higher is likelier; of a number its middle, in its own unit.

        Of classes one score for each, rows x classes; what is told of them is that of the last class less that of the first.
        """

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the score: frame rows x features, in its unit.

        A row's contributions and one base, the same for all rows, sum to its score, of classes to the log odds of the last against the first.
        """


@dataclass(frozen=True)
class Traits:
    """What people ask of an estimator before they choose it; `docs/estimators.md` shows it, the contract holds it to it.

    Attributes:
        files: the formats of what it writes, joined by a comma.
        stops: later races stop its learning before it learns by heart.
        devices: where it can learn; the processor answers.
        libraries: packages that an answer needs beside those that every model needs.
    """

    files: str = "JSON"
    stops: bool = False
    devices: tuple[str, ...] = ("cpu",)
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True)
class FitInput:
    """What an estimator learns from.

    Attributes:
        frame: spine columns and features, any row order.
        outcome: of the family's columns, aligned with the frame.
        params: a configuration, possibly completed by an earlier fit's `Fitted.params`.
        seed: of every random choice.
        validation: later races that decide on early stopping and calibration; never a held-out season.
        report: called with (step, validation loss) as learning goes on; may raise to stop a hopeless trial.
        start: the feature that answers about a number start from (see `Model.start`); empty for none.
        heard: called with (name of the loss, round from 1, its value on the rows that are learned from) where no later races look on;
            it changes nothing that is learned.
    """

    frame: pd.DataFrame
    outcome: pd.DataFrame
    params: Params
    seed: int
    validation: Labelled | None = None
    report: Report | None = None
    start: str = ""
    heard: Heard | None = None

    def hears(self, loss: str) -> Report | None:
        """Return who hears of a loss on the rows that are learned from, None where nobody does."""
        return None if self.heard is None else partial(self.heard, loss)


def learns_in_rounds(plugin: object) -> bool:
    """Whether an estimator goes on round by round, so that its fit has a curve; one that pools others leaves that to them."""
    return traits_of(plugin).stops and not getattr(plugin, "pools", False)


def traits_of(plugin: object) -> Traits:
    """Return what people ask of an estimator; one that says nothing writes JSON and learns on the processor."""
    found = getattr(plugin, "traits", None)
    return found if isinstance(found, Traits) else Traits()


@runtime_checkable
class Estimator(Protocol):
    """One algorithm: a plug-in file ends with `ESTIMATOR = ...`.

    Attributes:
        name: its name in recipes, tables and the registry.
        role: `model`, or `baseline` for a rule that a model must beat.
        needs: feature columns that the frame must have; None for all features of the frame.

    A plug-in whose parameters validation races never change may say `settles = False`: a backtest then fits it once. One that reads
    ids of the rows may name them in `ids`, one that answers the question of some models alone may name these in `models`: it takes no
    part where rows have no such id, or for other models. One that takes long, or is one of many alike, may say `by_name = True`: a
    backtest sets it beside the others only where it is asked for. `also` are further names by which people ask for it. One whose `needs` are what it
    reads best, and which learns from any columns that a user chooses, says `takes_any = True`. `traits` tell people of it (see `Traits`).
    """

    name: str
    role: Role
    needs: tuple[str, ...] | None

    def default(self) -> Params:
        """Return the default configuration, which is trial 0 of a search."""

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial; with no choices to make, `default()`."""

    def fit(self, data: FitInput) -> Fitted:
        """Learn from labelled races."""

    def load(self, folder: Path) -> Fitted:
        """Read what `save` wrote."""
