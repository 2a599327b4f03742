"""The integrated Brier score of curves: how far the chance to last lies off what was seen, over the steps at which that could be seen.

How long a row can be watched is known before: the race has an end. Weights that treat it as chance would count steps after the flag by
the rows that ended before it, and reward curves that end with it. So a row counts up to its `room` alone (the administrative Brier
score, Kvamme and Borgan 2023); rows that are lost earlier, by retirement or a red flag, are made up for by inverse weights.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Metric
from pitwall.ml.families.survival.answer import COLUMNS, STEPS
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

STEP = np.arange(1, STEPS + 1)


def kept(laps: np.ndarray, ended: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return the chance of not being lost to sight before the end of each step, over all rows (Kaplan and Meier 1958).

    Args:
        laps: steps at which each row was watched.
        ended: whether it ended with the last of them.
        room: steps at which it could have been watched.
    """
    watched = (laps[:, None] >= STEP).sum(axis=0)
    lost = ((laps[:, None] == STEP - 1) & ~ended[:, None] & (room[:, None] >= STEP)).sum(axis=0)
    rate = np.divide(lost, watched + lost, out=np.zeros(STEPS), where=watched > 0)
    return np.asarray(np.cumprod(1.0 - rate))


def _ibs(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return the weighted mean over the rows and steps of each race."""
    laps = rows["laps"].to_numpy(dtype=np.int64)
    ended = rows["ended"].to_numpy(dtype=bool)
    room = rows["room"].to_numpy(dtype=np.float64)
    weight = 1.0 / np.maximum(kept(laps, ended, room), 1e-3)
    lasts = (laps[:, None] > STEP) | ((laps[:, None] == STEP) & ~ended[:, None])
    over = ended[:, None] & ~lasts
    known = (lasts | over) & (room[:, None] >= STEP)
    weights = np.where(over, weight[np.clip(laps, 1, STEPS) - 1][:, None], weight) * known
    error = (rows[list(COLUMNS)].to_numpy(dtype=np.float64) - lasts) ** 2
    lost, counted = (
        np.bincount(blocks.race, (weights * each).sum(axis=1), minlength=blocks.count)
        for each in (error, np.ones_like(error))
    )
    return np.asarray(np.divide(lost, counted, out=np.zeros(blocks.count), where=counted > 0))


IBS = Metric("ibs", "brier", per_block=_ibs, margin_share=0.1)
