"""From scores to finishing places when cars are eliminated from the back: the reversed Plackett-Luce model.

Every car survives for an exponential time with rate exp(-score); the first to fall is last, the longest survivor wins. A
race is mostly decided by who falls back, so this order fits better than the forward one, whose winner is drawn first. A
car may also *drop*: with its own chance it stands behind all that do not, in any order among the dropped.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pitwall.ml.families.order.plackett_luce import doubly_stochastic, dropped_places
from pitwall.ml.rows.machinery.race_blocks import race_blocks

NODES = 48  # Gauss-Legendre nodes over a car's own survival quantile; an error of a few 1e-6
BATCH = 128  # races at a time, to bound memory
CERTAIN = 30.0  # nats; a larger distance from the best car is certainty


def survival_probabilities(scores: np.ndarray, race: np.ndarray, drop: np.ndarray) -> np.ndarray:
    """Return P(place) per car, rows x places of the largest field; each race's block is doubly stochastic.

    Args:
        scores: per car, higher is better, in nats.
        race: id of each row's race.
        drop: probability that the car drops behind all that do not.
    """
    fields = race_blocks(race)
    blocks = np.zeros((fields.count, fields.width, fields.width))
    for start in range(0, fields.count, BATCH):
        part = slice(start, start + BATCH)
        mask = fields.mask[part]
        padded = np.where(mask, scores[fields.rows[part]], -np.inf)
        behind = np.minimum(padded.max(axis=1, keepdims=True) - padded, CERTAIN)
        blocks[part] = _blocks(np.where(mask, behind, CERTAIN), np.where(mask, drop[fields.rows[part]], 0.0), mask)
    return fields.flat(doubly_stochastic(blocks, fields.mask))


def _blocks(behind: np.ndarray, drop: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return races x cars x places; `behind` is the distance from the best car, in nats."""
    node, weight = _quadrature()
    times = -np.log(0.5 * (node + 1.0)) * np.exp(-behind)[:, :, None]  # races x cars x nodes: when the car falls
    cars, past, rate, running = mask.shape[1], -times, np.exp(behind), (1.0 - drop) * mask
    counts = np.zeros((cars, *times.shape))  # how many of the others stand ahead; that axis first, to grow in place
    counts[0] = 1.0
    for other in range(cars):
        ahead = np.exp(past * rate[:, other, None, None])
        ahead *= running[:, other, None, None]
        ahead[:, other] = 0.0
        most = min(other + 1, cars - 1)
        shifted = counts[:most] * ahead
        counts[: most + 1] *= 1.0 - ahead
        counts[1 : most + 1] += shifted
    places = np.moveaxis(counts @ (0.5 * weight), 0, 2)
    return np.asarray(places * running[:, :, None] + dropped_places(drop, mask))


@cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)
