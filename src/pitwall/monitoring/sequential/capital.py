"""Money that can only grow if a mean is above zero: the e-process that the test, its interval and its forecast are made of.

A gambler who starts with 1 and stakes the share `s` of all they have on each race holds the product of `1 + s y` after it. If no `y` below -1 can come and
none is expected above 0, that is a game nobody wins in the long run: the chance that the capital *ever* reaches `k` is at most `1 / k`, however the
differences are distributed (Ville). Which share is right depends on the unknown effect, so the capital is spread over several from the start, and its
sum is the e-value. The shares never look at the race that they are staked on.
"""

from __future__ import annotations

import numpy as np

# A log loss is the logarithm of a likelihood ratio: whoever knows more gains about half as much as the variance of that gain, whatever it is. The best stake
# is then a third to two thirds of the capital per nat, 0.45 to 0.95 of a bound of 1.5 nats. The small shares see what is small beside the bound.
SHARES = np.array([0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.97])
PARTS = np.array([0.05, 0.05, 0.1, 0.2, 0.2, 0.2, 0.2])  # of the capital at the start
TOGETHER = 16  # races
MOST = 700.0  # a logarithm: a float has no room for much more than its power of e


def log_growth(outcomes: np.ndarray) -> np.ndarray:
    """Return by how much each race multiplies what is staked on it, as a logarithm.

    Args:
        outcomes: any shape, each at least -1; of no expectation above 0 where the null hypothesis holds.

    Returns:
        The same shape with one more axis: the shares.
    """
    return np.asarray(np.log1p(outcomes[..., None] * SHARES))


def log_total_growth(outcomes: np.ndarray) -> np.ndarray:
    """Return the sum of `log_growth` over all races, which are the last axis; a logarithm for every sixteen of them, for speed.

    No product leaves the range of a float: sixteen factors lie between 1e-25 and 1e144 where outcomes do between -1 and 1e9.
    """
    *runs, races = outcomes.shape
    filled = np.zeros((*runs, -races % TOGETHER + races))
    filled[..., :races] = outcomes
    factors = 1 + filled.reshape(*runs, -1, TOGETHER)[..., None] * SHARES
    return np.asarray(np.log(factors.prod(axis=-2)).sum(axis=-2))


def log_mixed(logs: np.ndarray) -> np.ndarray:
    """Return the logarithm of the whole capital from those of its parts, which are the last axis."""
    most = logs.max(axis=-1)
    return np.asarray(most + np.log(np.exp(logs - most[..., None]) @ PARTS))


def log_capital(outcomes: np.ndarray) -> np.ndarray:
    """Return the logarithm of the capital after each race; races are the last axis, others are runs of their own."""
    return log_mixed(log_growth(outcomes).cumsum(axis=-2))


def told(logs: np.ndarray) -> np.ndarray:
    """Return e-values from their logarithms, the largest that a float has room for where there is none."""
    return np.asarray(np.exp(np.minimum(logs, MOST)))
