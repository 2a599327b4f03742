"""How well probabilities rank rows: the area below precision over recall, as a statistic of sums over races."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Metric
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

LEVELS = (
    1000  # thresholds; where more probabilities differ, neighbours share one, which moves the area by less than .001
)


def _levels(probability: np.ndarray) -> np.ndarray:
    """Return the number of each row's threshold, 0 for the highest probability; equal ones share it."""
    distinct, level = np.unique(-probability, return_inverse=True)
    return level * LEVELS // len(distinct) if len(distinct) > LEVELS else level


def _counts(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return per race its rows with the event at each threshold, then those without, races x (2 thresholds)."""
    level = _levels(rows["probability"].to_numpy(dtype=np.float64))
    width = int(level.max()) + 1
    counts = np.zeros((blocks.count, 2 * width))
    np.add.at(counts, (blocks.race, np.where(rows["label"].to_numpy(dtype=bool), level, width + level)), 1.0)
    return counts


def _average_precision(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the mean over rows with the event of the precision at their own threshold; 0 where there is none."""
    with_event, without = np.split(sums, 2, axis=1)
    found = np.cumsum(with_event, axis=1)
    said = found + np.cumsum(without, axis=1)
    precision = np.divide(found, said, out=np.zeros_like(found), where=said > 0)
    events = found[:, -1]
    return np.asarray(
        np.divide((with_event * precision).sum(axis=1), events, out=np.zeros(len(sums)), where=events > 0)
    )


PR_AUC = Metric("pr_auc", "area", higher_is_better=True, sums=_counts, statistic=_average_precision)
