"""All that strategy learns from races that are over: tyres, the pit lane, passing, how long sets are driven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.live.strategy.laps import first_stop_share, longest_shares, seen_laps, stint_shares, stop_losses
from pitwall.live.strategy.passing import difficulty
from pitwall.live.strategy.traffic import Road
from pitwall.live.strategy.tyres import DRAWS, Wear, fitted_wear

FEWEST_STOPS = 8  # of a circuit that tell what a stop costs there; else those of all circuits do
MAD = 1.4826  # from a median distance to a standard deviation

__all__ = ["Learned", "learned", "seen_laps"]


@dataclass(frozen=True)
class Learned:
    """What is known of a circuit before a race.

    Attributes:
        wear: of tyres, percent of a lap.
        road: of following, passing and the pit lane; `dirty` is in percent of a lap.
        shares: of the distance that sets of each compound are driven, the median of those that were taken off.
        longest: beyond which nobody knows what a set costs, as shares.
        first: share of the distance at which cars stop first, the median.
        laps: that it was learned from at the circuit.
        stops: the same.
    """

    wear: Wear
    road: Road
    shares: dict[int, float]
    longest: dict[int, float]
    first: float
    laps: int
    stops: int


def learned(laps: pd.DataFrame, here: set[int], seed: int = 0, draws: int = DRAWS) -> Learned:
    """Learn from laps of races that are over.

    Args:
        laps: of `seen_laps`, all races.
        here: ids of the races at the circuit.
        seed: of the draws.
        draws: how many.
    """
    at = laps["race_id"].isin(here)
    wear = fitted_wear(laps[at], laps[~at], draws, seed)
    own = stop_losses(laps[at])
    losses = own if len(own) >= FEWEST_STOPS else stop_losses(laps)
    road = Road(wear.dirty, difficulty(laps[at] if len(own) >= FEWEST_STOPS else laps), _loss(losses, draws, seed))
    return Learned(
        wear, road, stint_shares(laps), longest_shares(laps), first_stop_share(laps), int(at.sum()), len(own)
    )


def _loss(losses: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Return draws of the usual loss of a stop (s): slow ones pull the mean, so it is the mean of those near the median."""
    middle = float(np.median(losses))
    spread = MAD * float(np.median(np.abs(losses - middle)))
    near = losses[np.abs(losses - middle) <= max(3.0 * spread, 1.0)]
    error = float(near.std() / np.sqrt(len(near)))
    drawn = np.random.default_rng([seed, 3]).normal(near.mean(), error, draws)
    drawn[0] = near.mean()
    return drawn
