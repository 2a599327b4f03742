"""The means that the races so far have not ruled out, valid at all races at once: the test asked about every mean instead of zero.

Clipped differences lie between -1 and 1 of the bound, so `(1 + x) / (1 + m) - 1` is at least -1 and has no expectation above zero if the mean is at most `m`: the same
game, whose capital falls as `m` rises. The lower end is where it stands at the threshold. It lies above zero exactly when the test says *ahead*.
"""

from __future__ import annotations

import numpy as np

from pitwall.monitoring.sequential.capital import log_mixed, log_total_growth

HALVINGS = 30  # to a billionth of the bound
LEAST = -1 + 1e-9  # a mean of -1 itself is never ruled out


def ends(scaled: np.ndarray, log_threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends after each race, in units of the bound: the meeting of all intervals so far.

    Where they do not meet any more, which a stable mean brings about with no more than alpha, the last that did stays.

    Args:
        scaled: differences in units of the bound, from -1 to 1.
        log_threshold: logarithm of the capital that rules a mean out.
    """
    low = np.maximum.accumulate(_lower(scaled, log_threshold))
    high = -np.maximum.accumulate(_lower(-scaled, log_threshold))
    met = int((low <= high).sum())
    return low[np.minimum(np.arange(len(low)), met - 1)], high[np.minimum(np.arange(len(high)), met - 1)]


def _lower(scaled: np.ndarray, log_threshold: float) -> np.ndarray:
    """Return after each race the largest mean that is ruled out from below, by halving; races x races x shares are looked at at once."""
    races = len(scaled)
    seen = np.tri(races, dtype=bool)
    out, kept = np.full(races, LEAST), scaled.cumsum() / np.arange(1, races + 1)
    for _ in range(HALVINGS):
        middle = (out + kept) / 2
        outcomes = np.where(seen, (1 + scaled) / (1 + middle[:, None]) - 1, 0.0)
        ruled_out = log_mixed(log_total_growth(outcomes)) >= log_threshold
        out, kept = np.where(ruled_out, middle, out), np.where(ruled_out, kept, middle)
    return np.where(out > LEAST, out, -1.0)
