"""What a curve of survival is: the chance that something still lasts after each of its next steps, and what can be read from it.

`s_n` is the chance that it goes on beyond the end of step n. Steps are whole (laps of a set of tyres); after `STEPS` nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError

STEPS = 60
COLUMNS = tuple(f"s_{step}" for step in range(1, STEPS + 1))
CLOSE = 1e-9  # by which a curve may rise: sums of floats


def columns(names: Iterable[str]) -> list[str]:
    """Return those of some columns that are of an answer, in order."""
    present = set(names)
    return [name for name in COLUMNS if name in present]


def curves(hazards: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Return answers by the chance of each step that it ends with it, of those that last so long.

    Args:
        hazards: rows x `STEPS`, between 0 and 1.
        index: of the rows.
    """
    return pd.DataFrame(np.cumprod(1.0 - hazards, axis=1), index=index, columns=list(COLUMNS))


def check(answer: pd.DataFrame, _race: pd.Series) -> None:
    """Raise AnswerError unless every row has all columns, between 0 and 1, none above the one before."""
    if list(answer.columns) != list(COLUMNS):
        raise AnswerError(
            f"the answer about a duration has the columns {COLUMNS[0]} to {COLUMNS[-1]}; found {list(answer.columns)}."
        )
    lasts = answer.to_numpy(dtype=np.float64)
    if not ((lasts >= 0.0) & (lasts <= 1.0)).all():
        raise AnswerError("a chance to last lies between 0 and 1; answer every row with chances.")
    rises = np.diff(lasts, axis=1) > CLOSE
    if rises.any():
        row, step = np.argwhere(rises)[0]
        raise AnswerError(
            f"a curve of survival never rises; row {answer.index[row]} goes from {lasts[row, step]:.4g} after step {step + 1} to "
            f"{lasts[row, step + 1]:.4g} after the next. Make answers with `curves`."
        )


def with_start(lasts: np.ndarray) -> np.ndarray:
    """Return curves, rows x steps, from step 0 on: all last until something is asked."""
    return np.column_stack([np.ones(len(lasts)), lasts])


def duration(lasts: np.ndarray, level: float) -> np.ndarray:
    """Return the number of steps that a share of durations does not exceed: where the curve falls to 1 less the level.

    Between whole steps the curve is taken as straight, from half a step before each to half a step after it: answers that differ little
    are told apart, and on the mean over rows nothing is added to the whole number. `STEPS` where the curve stays above.

    Args:
        lasts: rows x steps.
        level: share, between 0 and 1.
    """
    curve = with_start(lasts)
    step = (curve[:, 1:] > 1.0 - level).sum(axis=1)
    row, inside = np.arange(len(curve)), np.minimum(step, lasts.shape[1] - 1)
    above, below = curve[row, inside], curve[row, inside + 1]
    share = (above - (1.0 - level)) / np.maximum(above - below, CLOSE)
    return np.asarray(np.where(step < lasts.shape[1], inside + np.clip(share, 0.0, 1.0) + 0.5, float(lasts.shape[1])))


def median(predictions: pd.DataFrame) -> pd.Series:
    """Return the median duration of each row (see `duration`)."""
    return pd.Series(duration(predictions[list(COLUMNS)].to_numpy(dtype=np.float64), 0.5), index=predictions.index)
