"""The reversed Plackett-Luce likelihood: loss, gradient and a conditional logit. Shared by the scoring estimators.

From the back, the next car to be eliminated is drawn with chances proportional to exp(-score) among those left. The
elimination of place k weighs exp(-(k - 1) / focus), because the order far down the field is mostly luck, and a season's
races weigh half as much every `half_life` seasons. Retired cars stay in the order: falling out is being eliminated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.rows.machinery.race_blocks import race_blocks


@dataclass(frozen=True)
class Eliminations:
    """Races with their cars from the last place to the first.

    Attributes:
        rows: races x slots, row numbers; slot 0 is the last place.
        mask: races x slots, True where a car is.
        weight: races x slots, weight of each elimination; zero for the winner and where padded.
    """

    rows: np.ndarray
    mask: np.ndarray
    weight: np.ndarray


def eliminations(frame: pd.DataFrame, outcome: pd.DataFrame, focus: float, half_life: float) -> Eliminations:
    """Arrange labelled rows by elimination; `frame` has race_id and season, `outcome` place."""
    fields = race_blocks(frame["race_id"].to_numpy())
    place = fields.pad(outcome["place"].to_numpy(dtype=np.float64), -1.0)
    turn = np.argsort(-place, axis=1, kind="stable")
    rows, mask = np.take_along_axis(fields.rows, turn, axis=1), np.take_along_axis(fields.mask, turn, axis=1)
    place = np.take_along_axis(place, turn, axis=1)
    season = frame["season"].to_numpy(dtype=np.float64)
    age = season.max(initial=0.0) - season[rows[:, :1]] + 1.0
    weight = np.where(mask & (place > 1), np.exp(-(place - 1.0) / focus), 0.0) * 0.5 ** (age / half_life)
    return Eliminations(rows, mask, weight)


def derivatives(scores: np.ndarray, races: Eliminations) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the weighted negative log likelihood and its first and (diagonal) second derivative, races x slots."""
    worse = np.where(races.mask, -scores[races.rows], -np.inf)
    worse = worse - worse.max(axis=1, keepdims=True)
    strength = np.exp(worse)
    left = np.maximum(strength[:, ::-1].cumsum(axis=1)[:, ::-1], 1e-150)
    terms = np.log(left) - np.where(races.mask, worse, 0.0)
    once = (races.weight / left).cumsum(axis=1)
    twice = (races.weight / left**2).cumsum(axis=1)
    first = np.where(races.mask, races.weight - strength * once, 0.0)
    second = np.where(races.mask, np.maximum(strength * once - strength**2 * twice, 0.0), 0.0)
    return float((races.weight * terms).sum()), first, second


def conditional_logit(matrix: np.ndarray, races: Eliminations, ridge: float) -> np.ndarray:
    """Return the coefficients of the linear score with the smallest loss plus ridge / 2 x their squared length."""
    from scipy.optimize import minimize

    padded = matrix[races.rows]

    def objective(beta: np.ndarray) -> tuple[float, np.ndarray]:
        loss, first, _ = derivatives(matrix @ beta, races)
        return loss + 0.5 * ridge * float(beta @ beta), np.einsum("rn,rnf->f", first, padded) + ridge * beta

    start = np.zeros(matrix.shape[1])
    return np.asarray(minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x)
