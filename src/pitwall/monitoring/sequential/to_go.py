"""How many races it would still take, if the races to come are like those so far."""

from __future__ import annotations

import numpy as np

from pitwall.monitoring.sequential.capital import log_growth, log_mixed

FEW = 5  # races, below which a mean and a spread say nothing of the races to come
LONGEST = 240  # ten seasons: nobody waits longer


def races_to_go(scaled: np.ndarray, log_threshold: float) -> int | None:
    """Return the races until the capital would reach the threshold; None where that cannot be told, or is too long.

    Each part of the capital is taken to go on at the pace it has had on average: what mean and spread of the races so far give it.

    Args:
        scaled: differences so far in units of the bound, turned so that the side ahead has a mean above zero.
        log_threshold: logarithm of the capital that decides.
    """
    races = len(scaled)
    if races < FEW:
        return None
    pace = log_growth(scaled).mean(axis=0)
    later = np.arange(races + 1, races + LONGEST + 1)
    there = log_mixed(later[:, None] * pace) >= log_threshold
    return int(later[there.argmax()]) - races if there.any() else None
