"""The conditional logit of whole orders, drawn from the first place on: Plackett-Luce with a linear score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.order._plackett_luce import gradient, loss, orders


def from_orders(matrix: np.ndarray, frame: pd.DataFrame, outcome: pd.DataFrame, params: Params) -> np.ndarray:
    """Return the coefficients with the smallest loss of orders plus ridge / 2 x their squared length.

    Args:
        matrix: rows x columns.
        frame: race_id and season of each row; a season's races weigh half as much every `half_life` seasons.
        outcome: `place` and `retired`; who fell out of the order loses to all others and not to each other.
        params: `focus` (places after which a place weighs 1/e), `half_life` in seasons, `ridge`.
    """
    from scipy.optimize import minimize

    races = orders(frame["race_id"].to_numpy(), outcome, params["focus"])
    season = frame["season"].to_numpy(dtype=np.float64)[races.rows[:, :1]]
    age = season.max(initial=0.0) - season + 1.0
    races = replace(races, weight=races.weight * 0.5 ** (age / params["half_life"]))

    def objective(beta: np.ndarray) -> tuple[float, np.ndarray]:
        scores = matrix @ beta
        slope, _ = gradient(scores, races)
        whole = races.fields.count * loss(scores, races)
        return whole + 0.5 * params["ridge"] * float(beta @ beta), matrix.T @ slope + params["ridge"] * beta

    return np.asarray(minimize(objective, np.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B").x)
