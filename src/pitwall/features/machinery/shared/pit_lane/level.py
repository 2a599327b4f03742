"""How long an ordinary stop takes in the pit lane of a race, as far as it can be known: a belief that each stop moves.

Before the first stop the belief is about what the circuit's last race showed: usually nearly the same, sometimes something else altogether,
because a speed limit or the lane was changed. Each stop that ends multiplies it by how likely that stop is at each level: most stops lie
about the level, some are slow by seconds, hardly any is quicker. So a few slow stops at the start of a race, which throw the median of the
stops so far off by many seconds, hardly move it, while a single one that is far too quick for the old level does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pitwall.domain.params import Section

Array = npt.NDArray[np.float64]
LEVELS = np.arange(100, 601) / 10.0  # s; every pit lane of the sport lies well within


class LaneSettings(Section):
    """What levels and stops are likely, chosen on the races of 2018 to 2021; seconds, and shares of stops or races.

    The level of a circuit: about `visit_s` from its last one, or in a share `rebuilt_share` about `rebuilt_s` from it; of a new circuit
    about `new_s` from `usual_s`. A stop: about `spread_s` from the level, in a share `slow_share` slower by `slow_s` on average; a share
    `odd_share` may be anything.
    """

    visit_s: float = 0.5
    rebuilt_share: float = 0.06
    rebuilt_s: float = 3.0
    usual_s: float = 22.5
    new_s: float = 3.0
    spread_s: float = 1.0
    slow_share: float = 0.3
    slow_s: float = 12.0
    odd_share: float = 0.04


def beliefs(last_visit: float, stops: Array, settings: LaneSettings) -> tuple[Array, Array]:
    """Return the median and the standard deviation of the belief about a race's level, before its first stop and after each.

    Args:
        last_visit: the median stop of the circuit's last race (s), NaN where there was none.
        stops: times in the pit lane (s) in the order in which they became known.
        settings: what is likely.

    Returns:
        Two arrays of len(stops) + 1, in seconds.

    Example:
        >>> median, deviation = beliefs(22.0, np.array([31.0, 22.4]), LaneSettings())
        >>> median.round(1).tolist()
        [22.0, 22.0, 22.1]
        >>> bool(deviation[2] < deviation[0])
        True
    """
    steps = np.vstack([_expected(last_visit, settings), _likely(stops, settings)])
    log = np.cumsum(np.log(steps), axis=0)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    median = LEVELS[np.argmax(np.cumsum(weight, axis=1) >= 0.5, axis=1)]
    mean = (weight * LEVELS).sum(axis=1)
    return median, np.sqrt((weight * (LEVELS - mean[:, None]) ** 2).sum(axis=1))


def _expected(last_visit: float, settings: LaneSettings) -> Array:
    """Return how likely each level is before the first stop."""
    if np.isnan(last_visit):
        return _bell(LEVELS - settings.usual_s, settings.new_s)
    off = LEVELS - last_visit
    rebuilt = settings.rebuilt_share
    return (1 - rebuilt) * _peak(off, settings.visit_s) + rebuilt * _bell(off, settings.rebuilt_s)


def _likely(stops: Array, settings: LaneSettings) -> Array:
    """Return how likely each stop is at each level, stops x levels."""
    off = stops[:, None] - LEVELS
    slower = np.where(off > 0, np.exp(-np.maximum(off, 0.0) / settings.slow_s) / settings.slow_s, 0.0)
    usual = 1 - settings.slow_share - settings.odd_share
    anything = settings.odd_share / (LEVELS[-1] - LEVELS[0])
    return np.asarray(usual * _peak(off, settings.spread_s) + settings.slow_share * slower + anything)


def _peak(off: Array, width: float) -> Array:
    return np.asarray(np.exp(-np.abs(off) / width) / (2 * width))


def _bell(off: Array, width: float) -> Array:
    return np.asarray(np.exp(-0.5 * (off / width) ** 2) / (width * np.sqrt(2 * np.pi)))
