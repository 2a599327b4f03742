"""What is seen of durations: for how many steps a row was watched, and whether it ended with the last of them.

A label is one number: the steps that something lasted, or, negative, those that it was watched for without an end. What lasts longer
than curves say anything of was watched for so long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.families.survival.answer import COLUMNS, STEPS, with_start


@dataclass(frozen=True)
class Seen:
    """Curves of some rows beside what was seen of them.

    Attributes:
        curve: rows x (steps + 1), from step 0 on.
        steps: at how many each row was watched.
        ended: whether it ended with the last of them.
    """

    curve: np.ndarray
    steps: np.ndarray
    ended: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Seen:
        """Return what scored rows say, and what was seen."""
        told = rows["label"].to_numpy(dtype=np.float64)
        steps = np.abs(told).astype(np.int64)
        return cls(_curve(rows), np.minimum(steps, STEPS), (told > 0) & (steps <= STEPS))

    @property
    def span(self) -> tuple[np.ndarray, np.ndarray]:
        """Between which values of its curve the end of each row lies: over a step, or anywhere below where it was last seen."""
        row = np.arange(len(self.curve))
        last = self.curve[row, self.steps]
        before = self.curve[row, np.maximum(self.steps - 1, 0)]
        return np.where(self.ended, last, 0.0), np.where(self.ended, before, last)

    @property
    def chance(self) -> np.ndarray:
        """The chance that was given to what was seen."""
        low, high = self.span
        return np.asarray(high - low)

    def within(self, low: float, high: float) -> np.ndarray:
        """Return the chance of each row that its curve ends between two of its values, given what was seen of it.

        For curves that are right, the value at the end is anything between 0 and 1, and so is what is left of that where no end was seen
        (Haider et al. 2020, D-calibration).
        """
        bottom, top = self.span
        inside = np.clip(np.minimum(top, high) - np.maximum(bottom, low), 0.0, None)
        width = top - bottom
        point = ((bottom >= low) & (bottom <= high)).astype(np.float64)
        return np.asarray(np.where(width > 0, inside / np.where(width > 0, width, 1.0), point))

    def watched(self) -> np.ndarray:
        """Return at which steps each row was watched, rows x steps."""
        return np.asarray(np.arange(1, STEPS + 1) <= self.steps[:, None])

    def ends(self) -> np.ndarray:
        """Return with which step each row was seen to end, rows x steps."""
        return np.asarray((np.arange(1, STEPS + 1) == self.steps[:, None]) & self.ended[:, None])

    def hazards(self) -> np.ndarray:
        """Return the chance of each step that it is the last, given that it is reached, rows x steps; 1 after what cannot be reached."""
        before = self.curve[:, :-1]
        return np.asarray(1.0 - np.divide(self.curve[:, 1:], before, out=np.zeros_like(before), where=before > 0))


def _curve(rows: pd.DataFrame) -> np.ndarray:
    return with_start(rows[list(COLUMNS)].to_numpy(dtype=np.float64))
