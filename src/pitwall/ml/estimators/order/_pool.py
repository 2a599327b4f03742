"""Linear pools of position distributions: weights from what members said of past races, and a coherent whole.

The winner's place gets weights of its own. What orders the field best need not leave outsiders the chance of a win that
they have; so the winner's column is pooled by how well members foresaw winners, the places behind by how well they
foresaw every place, and the matrix is raked until each car takes one place and each place one car.
"""

from __future__ import annotations

import numpy as np

from pitwall.ml.rows.machinery.race_blocks import race_blocks

ROUNDS = 300
CLOSE = 1e-12


def pool_weights(chances: np.ndarray, prior: float) -> np.ndarray:
    """Return the weights with the largest likelihood of what happened (expectation maximisation).

    Args:
        chances: events x members, what each member said of what came true.
        prior: events that each member is assumed to have foreseen alone, so that few races do not decide.
    """
    members = chances.shape[1]
    weights = np.full(members, 1.0 / members)
    for _ in range(ROUNDS):
        share = weights * np.maximum(chances, 1e-12)
        counts = (share / share.sum(axis=1, keepdims=True)).sum(axis=0) + prior
        weights = counts / counts.sum()
    return weights


def pooled(members: list[np.ndarray], race: np.ndarray, winner: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the pool, rows x places.

    Args:
        members: rows x places each.
        race: id of each row's race.
        winner: weights of the members for the winner's place.
        places: weights for the places behind.
    """
    matrix = sum(weight * member for weight, member in zip(places, members, strict=True))
    first = sum(weight * member[:, 0] for weight, member in zip(winner, members, strict=True))
    return raked(np.asarray(matrix), np.asarray(first), race)


def raked(positions: np.ndarray, winner: np.ndarray, race: np.ndarray) -> np.ndarray:
    """Return positions whose first column is `winner` and whose other columns are as near as can be to what they were."""
    fields = race_blocks(race)
    square = fields.mask[:, :, None] & fields.mask[:, None, :]
    first = fields.pad(winner, 0.0)
    first /= first.sum(axis=1, keepdims=True)
    rest = np.where(square, positions[fields.rows][:, :, : fields.width], 0.0)[:, :, 1:].copy()
    left, taken = np.where(fields.mask, 1.0 - first, 0.0), fields.mask[:, 1:].astype(np.float64)
    scale = _scale_known if rest.min(initial=1.0) > 0 and left.min(initial=1.0) > 0 else _scale
    total = np.add.reduce(rest, axis=2, keepdims=True)
    for _ in range(ROUNDS * 5):
        scale(rest, left[:, :, None], total)
        scale(rest, taken[:, None, :], np.add.reduce(rest, axis=1, keepdims=True))
        np.add.reduce(rest, axis=2, keepdims=True, out=total)
        if np.maximum.reduce(np.abs(total[:, :, 0] - left), axis=None, initial=0.0) < CLOSE:
            break
    return fields.flat(np.concatenate([first[:, :, None], rest], axis=2))


def _scale_known(values: np.ndarray, target: np.ndarray, total: np.ndarray) -> None:
    """Bring a total that is nowhere 0 to its target, in place."""
    values *= target / total


def _scale(values: np.ndarray, target: np.ndarray, total: np.ndarray) -> None:
    """Bring a total to its target, in place; to 0 where it is 0."""
    some = total.min(initial=1.0) > 0
    values *= target / total if some else np.divide(target, total, out=np.zeros_like(total), where=total > 0)
