"""The Plackett-Luce likelihood of finishing orders: loss, gradient, temperature. Shared by every scoring estimator.

A race is decided place by place: the winner is drawn with chances proportional to exp(score), then the second among
the rest, and so on. Retired cars lose to all finishers but not to each other. Stage k weighs exp(-k / focus), because the
order far down the field is mostly luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks


@dataclass(frozen=True)
class Orders:
    """Races with their cars in finishing order.

    Attributes:
        fields: where rows sit; slots are re-ordered by place in `rows`.
        rows: races x slots, row numbers by finishing order.
        weight: races x slots, weight of the stage that each finisher wins; zero for retired and padded cars. The
            weights of a race sum to one.
    """

    fields: RaceBlocks
    rows: np.ndarray
    weight: np.ndarray


def orders(race_id: np.ndarray, outcome: pd.DataFrame, focus: float) -> Orders:
    """Arrange labelled rows by finishing order; `focus` is the number of places after which a stage weighs 1/e."""
    fields = race_blocks(race_id)
    place = fields.pad(outcome["place"].to_numpy(dtype=np.float64), np.inf)
    rows = np.take_along_axis(fields.rows, np.argsort(place, axis=1, kind="stable"), axis=1)
    finished = ~outcome["retired"].to_numpy(dtype=bool)[rows] & (np.sort(fields.mask, axis=1)[:, ::-1])
    finished[:, 0] = True  # somebody won, even if everybody is called retired
    weight = finished * np.exp(-np.arange(fields.width) / focus)
    return Orders(fields, rows, weight / weight.sum(axis=1, keepdims=True))


def gradient(scores: np.ndarray, races: Orders) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and (diagonal) second derivative of the loss per row; loss as in `loss`, summed over races."""
    strength, left = _strengths(scores, races)
    once = (races.weight / left).cumsum(axis=1)
    twice = (races.weight / left**2).cumsum(axis=1)
    first = strength * once - races.weight
    second = strength * once - strength**2 * twice
    return _rows(first, races, len(scores)), _rows(second, races, len(scores))


def loss(scores: np.ndarray, races: Orders) -> float:
    """Return the mean weighted negative log likelihood per race, in nats."""
    strength, left = _strengths(scores, races)
    terms = np.log(left) - np.log(np.maximum(strength, 1e-150))
    return float((races.weight * terms).sum() / races.fields.count)


def winner_loss(scores: np.ndarray, races: Orders) -> float:
    """Return the log loss of the winner, in nats per race: P(win) is the softmax of the scores."""
    strength, left = _strengths(scores, races)
    return float(np.mean(np.log(left[:, 0]) - np.log(np.maximum(strength[:, 0], 1e-150))))


def temperature(
    scores: np.ndarray, races: Orders, measure: Callable[[np.ndarray, Orders], float] = winner_loss
) -> float:
    """Return the factor t in [.2, 10] for which scores / t have the smallest loss."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(lambda log_t: measure(scores / np.exp(log_t), races), bounds=(-1.6, 2.3), method="bounded")
    return float(np.exp(found.x))


def finishers(race_id: np.ndarray, outcome: pd.DataFrame) -> tuple[np.ndarray, Orders]:
    """Return which rows finished, and their orders alone with every place counting the same."""
    kept = ~outcome["retired"].to_numpy(dtype=bool)
    return kept, orders(race_id[kept], outcome[kept].reset_index(drop=True), focus=1e9)


def _strengths(scores: np.ndarray, races: Orders) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(score) by finishing order, and the total of those not yet placed at each stage."""
    mask = np.sort(races.fields.mask, axis=1)[:, ::-1]
    padded = np.where(mask, scores[races.rows], -np.inf)
    strength = np.exp(padded - padded.max(axis=1, keepdims=True))
    left = strength[:, ::-1].cumsum(axis=1)[:, ::-1]
    return strength, np.where(mask, np.maximum(left, 1e-150), 1.0)


def _rows(values: np.ndarray, races: Orders, count: int) -> np.ndarray:
    mask = np.sort(races.fields.mask, axis=1)[:, ::-1]
    out = np.zeros(count)
    out[races.rows[mask]] = values[mask]
    return out
