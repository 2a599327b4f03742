"""McFadden's conditional logit: the winner is drawn with chances proportional to exp(score)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.rows.machinery.race_blocks import race_blocks


def winner_logit(
    matrix: np.ndarray, frame: pd.DataFrame, outcome: pd.DataFrame, half_life: float, ridge: float
) -> np.ndarray:
    """Return the coefficients with the smallest log loss of winners plus ridge / 2 x their squared length.

    Args:
        matrix: rows x columns.
        frame: race_id and season of each row; a season's races weigh half as much every `half_life` seasons.
        outcome: `place`.
        half_life: in seasons.
        ridge: strength of the penalty.
    """
    from scipy.optimize import minimize

    fields = race_blocks(frame["race_id"].to_numpy())
    won = fields.pad(outcome["place"].to_numpy() == 1, 0.0).astype(np.float64)
    season = frame["season"].to_numpy(dtype=np.float64)[fields.rows[:, :1]]
    weight = 0.5 ** ((season.max(initial=0.0) - season + 1.0) / half_life)
    padded = matrix[fields.rows]

    def objective(beta: np.ndarray) -> tuple[float, np.ndarray]:
        scores = np.where(fields.mask, padded @ beta, -np.inf)
        scores = scores - scores.max(axis=1, keepdims=True)
        total = np.exp(scores).sum(axis=1, keepdims=True)
        loss = weight * won * (np.log(total) - np.where(fields.mask, scores, 0.0))
        slope = weight * (np.exp(scores) / total - won)
        return float(loss.sum()) + 0.5 * ridge * float(beta @ beta), np.einsum(
            "rn,rnf->f", slope, padded
        ) + ridge * beta

    return np.asarray(minimize(objective, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B").x)
