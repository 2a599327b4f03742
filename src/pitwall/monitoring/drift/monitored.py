"""Which features can be watched at all: those whose race mean can move, and does not move by construction.

A place, a grid slot or a value that is normalised within its race has the same mean in every race with as many cars. A count of a career
rises every winter, an uncertainty falls in every season. Neither says that the world has moved.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pitwall.monitoring.drift.scale import Races

Floats = npt.NDArray[np.float64]
STILL = 0.03  # sd of race means, in sds of cars, below which a mean cannot move
TREND_SEASONS = 4  # at least, for a trend to be told from chance
TREND, COURSE = 0.95, 0.6  # correlation with the year; share of the variance that the number of the race explains
FEW_RACES = 12
CONSTANT, TOO_FEW = (
    "it has one value in all races of the reference",
    "it has a value in {} races of the reference, of {} needed",
)
CANNOT_MOVE = (
    "its race mean cannot move: {:.3f} sd of its cars in the reference (a place, or a value normalised within the race)"
)
TRENDS = "it trends by construction: its season means went one way through all of the reference, {} to {}"
FOLLOWS = "it follows the number of the race in the season: that explains {:.0%} of its movement within seasons"


def why_not(means: Floats, races: Races, sd: float) -> str:
    """Return why a feature is not monitored; empty where it can be.

    Args:
        means: of the reference's races, NaN where no car had a value.
        races: where they stand.
        sd: of its cars in the reference.
    """
    known = ~np.isnan(means)
    if known.sum() < FEW_RACES:
        return TOO_FEW.format(int(known.sum()), FEW_RACES)
    if not sd > 0:
        return CONSTANT
    means, races = means[known], races[known]
    moves = float(_rest(means, [races.cars.astype(np.float64)]).std()) / sd
    if moves < STILL:
        return CANNOT_MOVE.format(moves)
    return _trend(means, races) or _course(means, races)


def _trend(means: Floats, races: Races) -> str:
    seasons = np.unique(races.season)
    levels = np.array([means[races.season == season].mean() for season in seasons])
    steps = np.sign(np.diff(levels))
    if len(seasons) < TREND_SEASONS or abs(steps.sum()) < len(steps) or np.ptp(levels) == 0:
        return ""
    along = abs(float(np.corrcoef(seasons, levels)[0, 1]))
    return TRENDS.format(int(seasons[0]), int(seasons[-1])) if along > TREND else ""


def _course(means: Floats, races: Races) -> str:
    within = np.concatenate(
        [means[races.season == s] - means[races.season == s].mean() for s in np.unique(races.season)]
    )
    number = np.concatenate([races.number[races.season == s] for s in np.unique(races.season)]).astype(np.float64)
    explained = 1.0 - float(_rest(within, [number, number**2]).var() / max(within.var(), 1e-300))
    return FOLLOWS.format(explained) if explained > COURSE else ""


def _rest(values: Floats, by: list[Floats]) -> Floats:
    """Return what a straight line through some columns leaves of values."""
    design = np.column_stack([np.ones(len(values)), *by])
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])
