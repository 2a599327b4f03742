"""The F1 of yes under the F1-optimal decision: for events that are seldom more likely than not, with a threshold that no label chooses.

Who forecasts a tenth of such events at best says yes of nothing at one half, and a threshold that is sought where the score is best
flatters. So the answers choose it themselves: were all chances true, saying yes of the n highest would have an expected F1, and yes is
said of as many as make that one largest. Chances that are too bold or too timid choose badly, and pay for it. The answers of all rows
that are scored choose together: it is a score of a season's answers, not a rule by which one car is told yes or no.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Metric
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks


def threshold(p: np.ndarray) -> float:
    """Return the lowest probability of which yes is said: the one that makes the expected F1 largest, by the probabilities alone.

    The expected F1 is taken as twice the expected hits over the expected events and what yes is said of.

    Example:
        >>> threshold(np.array([0.6, 0.3, 0.05, 0.05]))
        0.3
    """
    ordered = np.sort(p)[::-1]
    expected = 2 * np.cumsum(ordered) / (ordered.sum() + np.arange(1, len(ordered) + 1))
    return float(ordered[np.argmax(expected)])


def _sums(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return per race how often yes was said and true, said, and true; the threshold is that of all rows."""
    p, true = rows["probability"].to_numpy(dtype=np.float64), rows["label"].to_numpy(dtype=bool)
    said = (p >= threshold(p)) & (p > 0)  # who takes an event for impossible says no
    return np.column_stack(
        [np.bincount(blocks.race, case, minlength=blocks.count) for case in (said & true, said, true)]
    )


def _f1(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the F1 of yes; 0 where it is neither said nor true."""
    hits, said, true = sums.T
    return np.asarray(np.divide(2 * hits, said + true, out=np.zeros(len(sums)), where=said + true > 0))


F1_OPTIMAL = Metric("f1_optimal", "F1", higher_is_better=True, sums=_sums, statistic=_f1)
