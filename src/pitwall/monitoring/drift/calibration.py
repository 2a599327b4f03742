"""Whether stated probabilities are right: bets against them, race by race, that gain nothing in the mean where they are.

Of each race two sums are looked at: what came true less what was said (too much or too little was promised), and the same weighted by how
likely each car was said to be (favourites were promised too much or too little). If every probability is right both have the mean zero, however
the cars of a race depend on each other; so a bet on either, small enough that it cannot lose more than it has, is worth 1 in the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pitwall.monitoring.drift.evidence import of_bets

Floats = npt.NDArray[np.float64]
STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)  # of what cannot be lost at once
SURE = 1e-3  # chances beyond are taken for this, so that no car has all the weight


@dataclass(frozen=True)
class Said:
    """What was said of one race, and what came true.

    Attributes:
        race: its label.
        chances: of each car.
        came_true: 1 or 0 of each.
        cars: for how many the question comes true in every race; None where nobody knows beforehand.
    """

    race: str
    chances: Floats
    came_true: Floats
    cars: int | None = None


def calibration(said: Sequence[Said]) -> Floats:
    """Return the e-process of the races of one season, after each."""
    return of_bets(np.stack([_gains(each) for each in said])[:, None, :].repeat(len(said), axis=1), after_start=True)


def excess(said: Sequence[Said]) -> float:
    """Return what came true less what was said, per car."""
    return float(np.concatenate([each.came_true - each.chances for each in said]).mean())


def _gains(said: Said) -> Floats:
    """Return the log factor of each bet: both sums, both signs, all stakes; 0 where a sum cannot differ from zero."""
    likely = np.clip(said.chances, SURE, 1 - SURE)
    weights = np.log(likely / (1 - likely))
    gains = []
    for each in (np.ones_like(weights), weights - weights.mean()):
        found, low, high = (each * (said.came_true - said.chances)).sum(), *_range(each, said)
        for sign, most in ((1.0, -low), (-1.0, high)):
            share = sign * found / most if most > 1e-9 else 0.0
            gains += [np.log1p(stake * max(share, -1.0)) for stake in STAKES]
    return np.array(gains)


def _range(weights: Floats, said: Said) -> tuple[float, float]:
    """Return the least and the most that a sum can come to, whatever comes true."""
    promised = float((weights * said.chances).sum())
    order = np.sort(weights)
    if said.cars is None:
        return float(order[order < 0].sum()) - promised, float(order[order > 0].sum()) - promised
    number = min(said.cars, len(order))
    return float(order[:number].sum()) - promised, float(order[len(order) - number :].sum()) - promised
