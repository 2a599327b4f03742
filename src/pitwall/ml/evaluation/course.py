"""How many durations last how long, as it was seen and as it was forecast for those that were watched."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.bootstrap import race_weights
from pitwall.ml.families import Course
from pitwall.ml.rows.machinery.race_blocks import race_blocks


def course(how: Course, rows: pd.DataFrame, gates: GateParams, seed: int) -> pd.DataFrame:
    """Return one row per step that any row was watched at.

    Args:
        how: the family counts.
        rows: scored rows of one estimator.
        gates: say how many draws of races, and the level.
        seed: of the draws.

    Returns:
        `step`; `watched`, rows at it; `observed`, the share that lasts beyond it (Kaplan and Meier 1958), with `low` and `high`, whole races
        resampled; `forecast`, the same where each row watched had ended with the chance that was forecast of it.
    """
    sums = how.sums(rows, race_blocks(rows["race_id"].to_numpy()))
    ended, watched, expected = np.split(sums.sum(axis=0), 3)
    drawn = race_weights(len(sums), gates.bootstrap_draws, seed) @ sums[:, : 2 * how.steps]
    tail = (1 - gates.confidence) / 2
    low, high = np.quantile(_lasts(*np.split(drawn, 2, axis=1)), [tail, 1 - tail], axis=0)
    table = pd.DataFrame(
        {
            "step": np.arange(1, how.steps + 1),
            "watched": watched.astype(np.int64),
            "observed": _lasts(ended, watched),
            "low": low,
            "high": high,
            "forecast": _lasts(expected, watched),
        }
    )
    return table[table["watched"] > 0].reset_index(drop=True)


def _lasts(ended: np.ndarray, watched: np.ndarray) -> np.ndarray:
    share = np.divide(ended, watched, out=np.zeros_like(ended, dtype=np.float64), where=watched > 0)
    return np.asarray(np.cumprod(1.0 - share, axis=-1))
