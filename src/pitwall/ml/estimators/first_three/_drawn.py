"""From scores to chances: the winner is drawn first, then the second from the cars that are left, then the third."""

from __future__ import annotations

import numpy as np

from pitwall.ml.estimators.first_three._places import Array
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

FURTHEST = 14.0  # nats behind the best car of an instant: beyond it a car has lost as surely as numbers can say
BATCH = 512  # instants at a time, to bound memory


def chances(scores: Array, blocks: RaceBlocks) -> tuple[Array, Array]:
    """Return the chances to win and to stand on the podium, per row.

    Args:
        scores: rows x 3, what speaks for a car as first, as second and as third, in nats.
        blocks: of rows that compete.
    """
    win, podium = np.zeros((blocks.count, blocks.width)), np.zeros((blocks.count, blocks.width))
    for start in range(0, blocks.count, BATCH):
        part = slice(start, start + BATCH)
        win[part], podium[part] = _of_instants(scores[blocks.rows[part]], blocks.mask[part])
    return blocks.flat(win), blocks.flat(podium)


def _of_instants(scores: Array, mask: np.ndarray) -> tuple[Array, Array]:
    """Return the same for instants x cars x 3 scores, each instants x cars."""
    top = np.where(mask[:, :, None], scores, -np.inf).max(axis=1, keepdims=True)
    speaks = np.where(mask[:, :, None], np.exp(np.maximum(scores - top, -FURTHEST)), 0.0)
    first, second, third = np.moveaxis(speaks, 2, 0)
    win = first / first.sum(axis=1, keepdims=True)
    others = ~np.eye(mask.shape[1], dtype=bool)[None]
    after = np.where(others, second[:, None, :], 0.0)  # instants x winner x second
    pair = win[:, :, None] * _shares(after, after.sum(axis=2, keepdims=True))
    left = third.sum(axis=1)[:, None, None] - third[:, :, None] - third[:, None, :]
    per_rest = _shares(pair, np.where(others, np.maximum(left, 0.0), 0.0))
    rest = per_rest.sum(axis=(1, 2))[:, None] - per_rest.sum(axis=1) - per_rest.sum(axis=2)
    return win, win + pair.sum(axis=1) + third * rest


def _shares(part: Array, whole: Array) -> Array:
    """Return shares; 0 of what is left of nothing."""
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 1e-300))
