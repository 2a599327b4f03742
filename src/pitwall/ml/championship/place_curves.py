"""From a car's chances of every place to a curve that turns one normal number into a place, so that places can be drawn by the million.

Each car of a race draws a number, its curve makes it a place of its own between two whole ones, and cars stand in the order of these.
A standard normal number gives each car the places that the model says, retirements included, which are its last places. What is added
to the number is skill that the model did not know: drift between races moves the place along the model's own distribution.

Independent places collide, and settling who is ahead moves them; the curves are made so that what comes out is what the model said.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
REACH = 6.0  # standard deviations; a number beyond is taken for this one
BINS = 12_288  # of the curve, over both sides
CAR_BITS, PLACE_BITS = 6, 19  # of a key: which car, and the fraction of a place
MOST_CARS = 1 << CAR_BITS
ROUNDS, CLOSE = 60, 2e-4
NODES, WEIGHTS = np.polynomial.legendre.leggauss(3)
TINY = 1e-12


def place_curves(places: Array) -> Ints:
    """Return a sortable key for each car and each bin of a normal number: cars x bins.

    The lower key stands ahead; the lowest `CAR_BITS` of it name the car.

    Args:
        places: P(place) of each car of a race, cars x places, rows and columns summing to 1.
    """
    own = drawn_from(places)
    edges = np.concatenate([np.zeros((len(own), 1)), own.cumsum(axis=1)], axis=1)
    behind = _upper_tail(_middles())
    at = np.arange(edges.shape[1])
    curves = np.stack([np.interp(behind, row / row[-1], at) for row in edges])
    keys = np.minimum(curves * (1 << PLACE_BITS), (len(own) << PLACE_BITS) - 1).astype(np.int64)
    return np.asarray((keys << CAR_BITS) | np.arange(len(own))[:, None], dtype=np.int32)


def bins_of(numbers: npt.NDArray[np.float32]) -> Ints:
    """Return the bin of each normal number; overwrites what it is given."""
    numbers += np.float32(REACH)
    numbers *= np.float32(BINS / (2 * REACH))
    np.clip(numbers, 0, BINS - 1, out=numbers)
    return np.asarray(numbers.astype(np.int32))


def drawn_from(places: Array) -> Array:
    """Return what each car's own place must be drawn from, independently, so that the order of all has the chances asked for.

    Args:
        places: P(place) that is to come out, cars x places.
    """
    asked = np.maximum(places[:, : len(places)], TINY)
    own = asked / asked.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        found = ordered(own)
        if np.abs(found - asked).max() < CLOSE:
            break
        own = own * (asked / np.maximum(found, TINY))
        own /= own.sum(axis=1, keepdims=True)
    return np.asarray(own)


def ordered(own: Array) -> Array:
    """Return P(place in the order of all) if each car draws a place of its own: cars x places -> cars x places."""
    cars = len(own)
    before = np.concatenate([np.zeros((cars, 1)), own.cumsum(axis=1)[:, :-1]], axis=1)
    share = 0.5 * (NODES + 1.0)
    ahead = (before[:, :, None] + own[:, :, None] * share).reshape(cars, -1)  # P(that car's place is below the node)
    counts = np.zeros((cars, cars, ahead.shape[1]))  # how many others are ahead x car x node
    counts[0] = 1.0
    for other in range(cars):
        p = np.broadcast_to(ahead[other], (cars, ahead.shape[1])).copy()
        p[other] = 0.0
        most = min(other + 1, cars - 1)
        moved = counts[:most] * p
        counts[: most + 1] *= 1.0 - p
        counts[1 : most + 1] += moved
    weight = (own[:, :, None] * (0.5 * WEIGHTS)).reshape(cars, -1)
    return np.asarray((counts * weight).sum(axis=2).T, dtype=np.float64)


def _middles() -> Array:
    return np.asarray((np.arange(BINS) + 0.5) * (2 * REACH / BINS) - REACH, dtype=np.float64)


def _upper_tail(numbers: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(-numbers))
