"""Evidence that may be looked at after every race: e-processes against a change from any race on, and which of many to believe.

An e-process starts at 1 and, where nothing has changed, is worth 1 at most in the mean at whatever race somebody stops looking; that it
ever exceeds 1 / alpha has a chance of alpha at most. A change of level from a race on, of a size, is a bet on the races after it; the process is the mean over
bets of both signs, several sizes and every race of the season (a Shiryaev-Roberts sum whose weights come to 1, so that it needs no
horizon). Averages of e-values are e-values however they depend on each other; so is what e-BH does with many.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]
SIZES = (1.0, 2.5, 4.5, 12.0)  # of the largest innovation that a bet expects
FURTHEST = 4.5  # sds: what lies further counts as this, and no bet expects more of one race
SEASON = 25  # races over which the chance of a change is spread


def of_level(innovations: Floats, responses: Floats, shown: npt.NDArray[np.bool_]) -> Floats:
    """Return the e-process of a change of level, after each race of a season.

    Args:
        innovations: of the races, standard normal where nothing has changed.
        responses: races x races from which on the level is another one; only their shape matters.
        shown: races that are exempt: nothing is bet on them.
    """
    largest = np.abs(responses).max(axis=0, keepdims=True)
    unit = np.divide(responses, largest, out=np.zeros_like(responses), where=largest > 0)
    bets = np.clip(unit[:, :, None] * np.array([*SIZES, *(-size for size in SIZES)]), -FURTHEST, FURTHEST)
    gains = bets * np.clip(innovations, -FURTHEST, FURTHEST)[:, None, None] - _price(bets)
    gains[shown] = 0.0
    return of_bets(gains, after_start=True)


def of_bets(gains: Floats, *, after_start: bool) -> Floats:
    """Return the e-process of many bets.

    Args:
        gains: log factors: races x races from which on the bet stands x ways to bet; each a factor of mean 1 at most.
        after_start: whether gains before a bet's own race are still to be taken out.
    """
    races = len(gains)
    if after_start:
        gains = np.where(np.tril(np.ones((races, races), dtype=bool))[:, :, None], gains, 0.0)
    worth = np.exp(np.clip(np.cumsum(gains, axis=0), -700.0, 600.0)).mean(axis=2)[:, :SEASON]
    return np.asarray((worth.sum(axis=1) + (SEASON - worth.shape[1])) / SEASON)


def believed(values: Floats, alpha: float) -> npt.NDArray[np.bool_]:
    """Return which of many e-values e-BH believes: of those that are false in the mean a share of `alpha` at most, however they depend.

    Args:
        values: one of each hypothesis, now.
        alpha: the false discovery rate.
    """
    order = np.sort(values)[::-1]
    enough = np.flatnonzero(order * np.arange(1, len(values) + 1) * alpha >= len(values))
    return np.asarray(values >= order[enough[-1]]) if len(enough) else np.zeros(len(values), dtype=bool)


def _price(bets: Floats) -> Floats:
    """Return the log mean of exp(bet x innovation) of a clipped standard normal innovation."""
    c = FURTHEST
    inner = np.exp(bets**2 / 2) * (norm.cdf(c - bets) - norm.cdf(-c - bets))
    return np.asarray(np.log(inner + (np.exp(bets * c) + np.exp(-bets * c)) * norm.sf(c)))
