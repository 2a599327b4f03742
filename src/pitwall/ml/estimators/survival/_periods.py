"""Rows taken apart into the steps at which they were watched: each of them is an event that came true, the end, or did not.

What is known of a row at its cut-off is known of its later steps, too, and some of it moves on by itself with every lap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.trees import known_values
from pitwall.ml.families.survival.answer import STEPS
from pitwall.ml.families.survival.metrics import log_loss

STEP = "step"
MOVING = {"set_age": 1.0, "laps_left": -1.0}  # features that change so much with each step
ENDING = "_then"


@dataclass(frozen=True)
class Periods:
    """Steps of rows.

    Attributes:
        row: place of each in the frame.
        step: its number, from 1.
    """

    row: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]

    @classmethod
    def all_of(cls, rows: int) -> Periods:
        """Return every step of some rows, row by row."""
        return cls(np.repeat(np.arange(rows), STEPS), np.tile(np.arange(1, STEPS + 1), rows))

    @classmethod
    def watched(cls, outcome: pd.DataFrame) -> tuple[Periods, Array]:
        """Return the steps at which rows were watched, and 1.0 where a row ended with one, else 0.0."""
        laps = outcome["laps"].to_numpy(dtype=np.float64).astype(np.int64)
        size = np.minimum(laps, STEPS)
        row = np.repeat(np.arange(len(laps)), size)
        step = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size) + 1
        ended = outcome["ended"].to_numpy(dtype=bool)[row] & (step == laps[row])
        return cls(row, step), ended.astype(np.float64)

    def values(self, frame: pd.DataFrame, features: Sequence[str]) -> Array:
        """Return steps x `names_of(features)`: what is known of its row, its number, and what moves on as it is by then; NaN where not known."""
        rows = known_values(frame, features)[self.row]
        moved = [rows[:, features.index(name)] + each * self.step for name, each in MOVING.items() if name in features]
        return np.column_stack([rows, self.step.astype(np.float64), *moved])


def names_of(features: Sequence[str]) -> tuple[str, ...]:
    """Return what the columns of values of steps are called."""
    return (*features, STEP, *(f"{name}{ENDING}" for name in MOVING if name in features))


def loss_of(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the mean over rows of the loss that the family's models are tuned by."""
    label = outcome["laps"].where(outcome["ended"].astype(bool), -outcome["laps"])
    return float(log_loss(answer.reset_index(drop=True).assign(label=label.to_numpy(dtype=np.float64))).mean())
