"""What each lap to stop on costs a car, beside the best one: tyres to the flag, the pit lane, traffic; with how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.live.strategy.stints import Stints
from pitwall.live.strategy.traffic import Rivals, Road, waits
from pitwall.live.strategy.tyres import Wear

Array = npt.NDArray[np.float64]
WIDTH = 1.2816  # standard deviations on either side: 80 %
MODEL_S = 1.4  # what the model itself errs by over a lap between two stops, growing as its root; found on a world of its own (docs/strategy.md)
HABIT_S = 0.04  # seconds that the square of a lap off the usual one is taken to cost: crews know more than laps tell; found on the same world
LAST = 2  # laps before the flag on which nobody stops any more


@dataclass(frozen=True)
class Situation:
    """A car in a race at the end of a lap.

    Attributes:
        lap: that it has ended.
        laps: of the race.
        compound: that it is on; 1 soft to 3 hard.
        age: laps that the set has run.
        used: compounds that it has been on; two are asked for.
        usual: a usual green lap of the race (s).
        habit: lap on which crews usually take such a set off.
        most: laps that a set of each compound is driven; what lies beyond is not told.
        rivals: the other cars.
    """

    lap: int
    laps: int
    compound: int
    age: float
    used: frozenset[int]
    usual: float
    habit: float
    most: dict[int, int]
    rivals: Rivals


@dataclass(frozen=True)
class Choice:
    """One lap to stop on, or none: seconds to the flag beyond those of the best choice, an 80 % interval, and what they are made of."""

    stop: int | None
    lost: float
    low: float
    high: float
    tyres: float
    traffic: float
    then: tuple[int, ...]


def choices(situation: Situation, wear: Wear, road: Road) -> list[Choice]:
    """Return every lap that is left to stop on, and not to stop at all where the rules allow it, in the order of laps.

    Args:
        situation: of the car.
        wear: of tyres, draws of one race.
        road: of traffic, the same draws, `dirty` in percent of a lap.
    """
    road = replace(road, dirty=road.dirty * situation.usual / 100)
    stints = Stints.of(wear, situation.laps, situation.usual, road.loss, situation.most)
    stops = _stops(situation)
    made = [_cost(situation, stop, wear, stints, road) for stop in stops]
    if not made:
        return []
    total = np.stack([tyres + traffic for tyres, traffic, _ in made])  # choices x draws
    total += np.array([0.0 if stop is None else HABIT_S * (stop - situation.habit) ** 2 for stop in stops])[:, None]
    best = total.mean(axis=1).argmin()
    apart = total - total[best]
    lost, wide = apart.mean(axis=1), WIDTH * _spread(apart, stops, stops[best], situation.laps)
    return [
        Choice(
            stop,
            float(lost[row]),
            float(lost[row] - wide[row]),
            float(lost[row] + wide[row]),
            float(tyres.mean()),
            float(traffic.mean()),
            then,
        )
        for row, (stop, (tyres, traffic, then)) in enumerate(zip(stops, made, strict=True))
    ]


def _spread(apart: Array, stops: list[int | None], best: int | None, laps: int) -> Array:
    """Return the standard deviation of each difference: what was learned is not known for sure, and the model is none of the world."""
    on = np.array([laps if stop is None else stop for stop in stops], dtype=np.float64)
    between = np.abs(on - (laps if best is None else best))
    return np.asarray(np.sqrt(apart.var(axis=1) + MODEL_S**2 * between))


def _stops(situation: Situation) -> list[int | None]:
    """Return the laps that are left to stop on, as far as sets are driven, the next one in any case; None where none is needed."""
    last = situation.laps - LAST
    lasts = situation.lap + int(situation.most[situation.compound] - situation.age)
    stops: list[int | None] = list(range(situation.lap + 1, min(last, max(lasts, situation.lap + 1)) + 1))
    if len(situation.used) > 1 and (lasts >= situation.laps or not stops):
        stops.append(None)
    return stops


def best_of(found: list[Choice]) -> Choice:
    """Return the choice that loses nothing."""
    return min(found, key=lambda each: each.lost)


def _cost(
    situation: Situation, stop: int | None, wear: Wear, stints: Stints, road: Road
) -> tuple[Array, Array, tuple[int, ...]]:
    """Return what tyres and stops cost to the flag and what traffic does, by draw, and the compounds that follow."""
    left = situation.laps - situation.lap
    on = left if stop is None else stop - situation.lap
    age = (situation.age + np.arange(1, on + 1)) / situation.laps
    stint = wear.cost(situation.compound, age) * situation.usual / 100
    if stop is None:
        return stint.sum(axis=1), _waits(situation, stint, stop, wear, road), ()
    may = tuple(each for each in COMPOUNDS if len(situation.used | {each}) > 1)
    rest, then = stints.rest(left - on, may)
    after = np.diff(stints.costs[then[0]][:, : left - on + 1], axis=1)
    after[:, 0] += road.loss
    tyres = stint.sum(axis=1) + road.loss + rest
    return tyres, _waits(situation, np.hstack([stint, after]), stop, wear, road), then


def _waits(situation: Situation, laps: Array, stop: int | None, wear: Wear, road: Road) -> Array:
    """Return what traffic costs: laps are told beside the pace on the tyres of now."""
    now = wear.cost(situation.compound, np.array([situation.age / situation.laps])) * situation.usual / 100
    never = situation.laps + 1
    return waits(laps - now, never if stop is None else stop, situation.lap + 1, situation.rivals, road)
