"""From scores to the distribution of finishing places: exact Plackett-Luce marginals without sampling.

Under Plackett-Luce the finishing order is the order of independent exponential arrival times with rates exp(score). So
P(car i is k-th) is an integral over i's arrival time of the chance that exactly k - 1 others came earlier, which is a
Poisson-binomial probability. On the logarithm of time every factor is smooth at unit scale, and the trapezoid rule
converges like exp(-pi^2 / step): one grid of about a hundred instants serves all cars. The distribution of "all others"
comes from the one of all cars by dividing a car out again, forwards where it is likely still driving and backwards
where it has likely arrived, which keeps rounding errors from growing.
"""

from __future__ import annotations

import numpy as np

from pitwall.domain.errors import FeatureError
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

STEP = 0.3  # of the logarithm of time: an error of about 1e-14
LEFT = 26.0  # exp(-26): the chance that is cut off before the first instant
RIGHT = 3.4  # exp(-exp(3.4)) = 1e-13: the chance that is cut off after the last one
CERTAIN = 30.0  # nats; a larger gap between two neighbours is certainty in double precision
FAR = 1e-7  # of a sum of chances: an order whose sums are off by more is none
DEPTH = 3.0  # places after which the front's temperature weighs 1/e
BATCH, FEW = 256, 32  # races at a time, to bound memory; of the step that holds places x instants x cars


def position_probabilities(
    scores: np.ndarray, race: np.ndarray | None = None, retire: np.ndarray | None = None
) -> np.ndarray:
    """Return P(place) per car, rows x places of the largest field; each race's block is doubly stochastic.

    Args:
        scores: per car, higher is better, in nats (differences of log rates); infinities count as certainty.
        race: id of each row's race; None for a single race.
        retire: probability that the car retires; it then stands behind all finishers, in any order among the retired.

    Raises:
        FeatureError: a score is not a number, or a probability lies outside [0, 1].

    Example:
        >>> position_probabilities(np.log([3.0, 1.0])).round(6)
        array([[0.75, 0.25],
               [0.25, 0.75]])
    """
    scores = np.asarray(scores, dtype=np.float64)
    retired = np.zeros(len(scores)) if retire is None else np.asarray(retire, dtype=np.float64)
    if np.isnan(scores).any():
        raise FeatureError(f"{int(np.isnan(scores).sum())} of {len(scores)} scores are NaN; every car needs a score.")
    if not ((retired >= 0) & (retired <= 1)).all():
        raise FeatureError("a probability of retirement lies outside [0, 1] or is NaN.")
    fields = race_blocks(np.zeros(len(scores), dtype=np.int64) if race is None else race)
    blocks = np.zeros((fields.count, fields.width, fields.width))
    for start in range(0, fields.count, BATCH):
        part = slice(start, start + BATCH)
        rows, mask = fields.rows[part], fields.mask[part]
        blocks[part] = _blocks(_tame(scores[rows], mask), np.where(mask, retired[rows], 0.0), mask)
    return fields.flat(doubly_stochastic(blocks, fields.mask))


def front_and_field(scores: np.ndarray, race: np.ndarray, *, front: float, field: float, retire: float) -> np.ndarray:
    """Return P(place) with one temperature for the fight at the front and another for the field behind.

    The winner's chances hold whatever may break; behind them retirements reshuffle the field. Column k is a mixture of
    Plackett-Luce at temperature `front` and of Plackett-Luce at `field` with a chance `retire` to drop out, in which the
    first weighs exp(-(k - 1) / DEPTH); the block is scaled back to a doubly stochastic one.
    """
    sharp = position_probabilities(scores / front, race)
    behind = position_probabilities(scores / field, race, np.full(len(scores), retire))
    weight = np.exp(-np.arange(sharp.shape[1]) / DEPTH)
    fields = race_blocks(race)
    return fields.flat(doubly_stochastic((weight * sharp + (1.0 - weight) * behind)[fields.rows], fields.mask))


def doubly_stochastic(
    blocks: np.ndarray, mask: np.ndarray, tolerance: float = 1e-12, rounds: int = 2000, floor: float = 1e-3
) -> np.ndarray:
    """Scale each race's block until its rows and columns sum to one (Sinkhorn's iteration).

    Args:
        blocks: races x cars x places, not negative.
        mask: races x cars, True for a car; a field of n cars has n places.
        tolerance: largest remaining error of a sum.
        rounds: bound on the iterations; blocks with many zeros converge slowly.
        floor: what every chance is raised by where the sums are still far off by then; 0 to leave it at that.
    """
    square, one = mask[:, :, None] & mask[:, None, :], mask.astype(np.float64)
    scaled = np.where(square, np.clip(blocks, 0.0, None), 0.0)
    divide = _divide_in_place if scaled.min(initial=1.0) > 0 else _divide
    taken = np.add.reduce(scaled, axis=2, keepdims=True)
    for _ in range(rounds):
        scaled = divide(scaled, taken)
        scaled = divide(scaled, np.add.reduce(scaled, axis=1, keepdims=True))
        np.add.reduce(scaled, axis=2, keepdims=True, out=taken)
        apart = np.maximum.reduce(np.abs(taken[:, :, 0] - one), axis=None, initial=0.0)
        if apart < tolerance:
            return scaled
    # Chances so near to 0 that no scaling evens them out: with a little luck for everybody there is one.
    lucky = apart > FAR and floor
    return doubly_stochastic(scaled + floor * square, mask, tolerance, rounds, 0.0) if lucky else scaled


def expected_place(positions: np.ndarray) -> np.ndarray:
    """Return the mean place of each row of a position matrix."""
    return np.asarray(positions @ np.arange(1.0, positions.shape[1] + 1))


def ranks(values: np.ndarray, fields: RaceBlocks) -> np.ndarray:
    """Return 1 for the smallest value of each race, 2 for the next ...; ties keep the row order."""
    padded = np.where(fields.mask, values[fields.rows], np.inf)
    order = np.argsort(np.argsort(padded, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(order[fields.race, fields.slot] + 1)


def _divide(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return values / by, 0 where by is; in place where it is nowhere."""
    if by.min(initial=1.0) > 0:
        return np.asarray(np.divide(values, by, out=values))
    return np.asarray(np.divide(values, by, out=np.zeros_like(values), where=by > 0))


def _divide_in_place(values: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return values / by where no value, and so no sum of them, is 0."""
    return np.asarray(np.divide(values, by, out=values))


def _tame(scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Cap gaps between neighbours at certainty and put the best car of each race at zero."""
    finite = np.where(np.isfinite(scores) & mask, scores, np.nan)
    with np.errstate(all="ignore"):
        top = np.where(np.isnan(finite).all(axis=1), 0.0, np.fmax.reduce(finite, axis=1))[:, None]
        bottom = np.where(np.isnan(finite).all(axis=1), 0.0, np.fmin.reduce(finite, axis=1))[:, None]
    known = np.clip(scores, bottom - CERTAIN, top + CERTAIN)
    order = np.argsort(np.where(mask, -known, np.inf), axis=1, kind="stable")
    ordered = np.take_along_axis(known, order, axis=1)
    gaps = np.minimum(-np.diff(ordered, axis=1, prepend=ordered[:, :1]), CERTAIN)
    gaps = np.where(np.take_along_axis(mask, order, axis=1), gaps, 0.0)
    tamed = np.empty_like(known)
    np.put_along_axis(tamed, order, -gaps.cumsum(axis=1), axis=1)
    return np.asarray(tamed)


def _blocks(scores: np.ndarray, retire: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Integrate over the arrival time of each car; returns races x cars x places."""
    instants = np.arange(-LEFT, RIGHT - scores.min(initial=0.0) + STEP, STEP)
    hazard = np.exp(instants[None, :, None] + scores[:, None, :])  # races x instants x cars
    still = np.exp(-hazard)
    weight = STEP * hazard * still * (1.0 - retire)[:, None, :] * mask[:, None, :]
    arrived = -np.expm1(-hazard) * (1.0 - retire)[:, None, :] * mask[:, None, :]
    parts = (slice(start, start + FEW) for start in range(0, len(scores), FEW))
    blocks = np.concatenate([_others(arrived[part], weight[part]) for part in parts])
    if retire.any():
        blocks += dropped_places(retire, mask)
    return blocks


def _counts(chance: np.ndarray) -> np.ndarray:
    """Return the Poisson-binomial distribution over the last axis: (..., cars) -> (cars + 1, ...)."""
    cars = chance.shape[-1]
    counts = np.zeros((cars + 1, *chance.shape[:-1]))
    counts[0] = 1.0
    for car, p in enumerate(np.moveaxis(chance, -1, 0).copy()):
        more = counts[: car + 1] * p
        counts[: car + 2] *= 1.0 - p
        counts[1 : car + 2] += more
    return counts


def _others(chance: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return sum over instants of weight x P(exactly k of the other cars), races x cars x k."""
    races, _, cars = chance.shape
    counts = _counts(chance)[..., None]
    late = chance > 0.5
    out = np.zeros((races, cars, cars))
    for sign, chosen in ((1, ~late), (-1, late)):
        when = chosen.any(axis=(0, 2))  # at other instants there is nothing to add
        if not when.any():
            continue
        # Divide the car out of counts[k] = q * others[k] + p * others[k - 1], in the direction where p / q <= 1.
        here, counted = chosen[:, when], counts[:, :, when]
        part = np.where(here, weight[:, when], 0.0)
        p = np.where(here, chance[:, when] if sign == 1 else 1.0 - chance[:, when], 0.0)
        ratio, inverse = p / (1.0 - p), 1.0 / (1.0 - p)
        others = (counted[:cars] if sign == 1 else counted[:0:-1]) * inverse
        for k in range(1, cars):
            others[k] -= others[k - 1] * ratio
        others *= part
        out += np.moveaxis(others.sum(axis=2), 0, 2)[:, :, ::sign]
    return out


def dropped_places(retire: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return P(car retires and is k-th): with m others retired it takes one of the last m + 1 places at random."""
    cars = retire.shape[1]
    others = _others(retire[:, None, :], np.ones_like(retire)[:, None, :])  # races x cars x number of others retired
    share = others / np.arange(1, cars + 1)
    from_last = retire[:, :, None] * share[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]  # P(it is d-th from the end)
    places = mask.sum(axis=1)[:, None] - 1 - np.arange(cars)[None, :]
    picked = np.take_along_axis(from_last, np.clip(places, 0, None)[:, None, :].repeat(cars, axis=1), axis=2)
    return np.where((places >= 0)[:, None, :], picked, 0.0)
