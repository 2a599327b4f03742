"""Where a car comes back after a stop, and what the cars there cost it: laps in their air, and waiting to pass.

The car and its rivals drive on lap by lap on their own paces; a rival stops once, when its set is as old as such sets usually get. Where the
car would be ahead of a rival that it was behind of, it passes with a chance that grows with what it gains, else it follows; in between
the clock is the mean of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
FOLLOWS_S = 0.5  # behind a car that it cannot pass
DIRTY_GAP_S = 1.5


@dataclass(frozen=True)
class Rivals:
    """The other cars that are still running.

    Attributes:
        clock: how far behind the car each is now (s, negative ahead of it), by rival.
        pace: seconds a lap more than the car on the tyres of now, draws x rivals.
        stops_on: lap at the end of which each stops; beyond the distance for never.
    """

    clock: Array
    pace: Array
    stops_on: Array


@dataclass(frozen=True)
class Road:
    """What following and passing cost.

    Attributes:
        dirty: what a lap in another car's air costs, by draw: in percent of a lap as it is learned, in seconds where cars drive.
        difficulty: gain (s a lap) that passes in two of three tries.
        loss: of a stop (s), by draw.
    """

    dirty: Array
    difficulty: float
    loss: Array


def waits(own: Array, stop: int, first: int, rivals: Rivals, road: Road) -> Array:
    """Return what traffic costs a car to the flag, by draw, in seconds.

    Args:
        own: what each of its laps costs beside its pace of now, draws x laps to go; a stop's loss stands in the lap after it.
        stop: lap at the end of which it stops; rivals that it meets before are met as well.
        first: number of the first lap to go.
        rivals: the others.
        road: what they cost.
    """
    draws, laps = own.shape
    clock = np.broadcast_to(rivals.clock, (draws, len(rivals.clock))).copy()
    mine, free = np.zeros(draws), np.zeros(draws)
    for lap in range(laps):
        stopping = rivals.stops_on == first + lap
        before = clock - mine[:, None]
        clock = clock + rivals.pace + stopping * road.loss[:, None]
        close = ((before < 0) & (before > -DIRTY_GAP_S)).any(axis=1)
        free += own[:, lap]
        alone = mine + own[:, lap] + close * road.dirty
        in_lane = first + lap in (stop, stop + 1)
        mine = alone if in_lane else _behind(alone, before, clock, stopping, road.difficulty)
    return np.maximum(mine - free, 0.0)


def _behind(alone: Array, before: Array, after: Array, stopping: np.ndarray, difficulty: float) -> Array:
    """Return the clock of a car after a lap on which it met others.

    Args:
        alone: its clock if it met none.
        before: how far behind it the others began the lap; those ahead are negative.
        after: their clocks at its end.
        stopping: who of them is in the pit lane, and holds nobody up.
        difficulty: of passing (s).
    """
    gain = after - alone[:, None]
    meets = (before < 0) & (gain > 0) & ~stopping
    held = np.where(meets, after + FOLLOWS_S, -np.inf).max(axis=1, initial=-np.inf)
    gained = np.where(meets, gain, 0.0).max(axis=1, initial=0.0)
    passes = 1.0 - np.exp(-gained / difficulty)
    return np.where(np.isfinite(held), passes * alone + (1.0 - passes) * np.maximum(held, alone), alone)
