"""How hard it is to pass: of cars close behind a slower one, who was ahead a lap later.

A car that is faster by g seconds a lap than the one ahead passes with chance 1 - exp(-g / difficulty); the difficulty is the one that makes
what was seen likeliest.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.live.strategy.laps import CAR, DIRTY_GAP_S

GRID = np.exp(np.linspace(np.log(0.2), np.log(6.0), 60))
USUAL, ASSUMED = 1.4, 30.0  # seconds, and how many tries at it are assumed seen
FASTER_S = 0.1  # below that nobody tries


def difficulty(laps: pd.DataFrame) -> float:
    """Return the difficulty (s) that laps of `seen_laps` show."""
    gain, passed = _tries(laps)
    stays = np.exp(-gain[:, None] / GRID)
    seen = np.where(passed[:, None], np.log1p(-np.minimum(stays, 1 - 1e-9)), np.log(np.maximum(stays, 1e-300)))
    prior = -0.5 * ASSUMED * np.log(GRID / USUAL) ** 2
    return float(GRID[np.argmax(seen.sum(axis=0) + prior)])


def _tries(laps: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much (s a lap) cars were faster than the one right ahead, and whether they had passed it a lap later."""
    pace = laps["seconds"].where(laps["green"])
    rolled = pace.groupby([laps[key] for key in CAR]).rolling(5, min_periods=3).median().droplevel([0, 1])
    own = laps.assign(pace=rolled.groupby([laps[key] for key in CAR]).shift())
    own = own[own["green"] & (own["ahead"] < DIRTY_GAP_S) & (own["rival"] >= 0)]
    other = laps.assign(pace=rolled.groupby([laps[key] for key in CAR]).shift())
    other = other[other["green"]].set_index([*RACE_DRIVER, "lap"])[["pace", "end_seconds"]]
    at = pd.MultiIndex.from_frame(own[["race_id", "rival", "lap"]].rename(columns={"rival": "driver_id"}))
    rival = other.reindex(at)
    gain = rival["pace"].to_numpy() - own["pace"].to_numpy()
    passed = own["end_seconds"].to_numpy() < rival["end_seconds"].to_numpy()
    tries = gain > FASTER_S
    return gain[tries], passed[tries]
