"""A race of the known world that goes on from a lap many times, with one car whose stop is decided: what each decision costs it, in truth."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.publishing.history import RACE, Round, generator, runners
from pitwall.sources.synthetic_world.racing.course import Start
from pitwall.sources.synthetic_world.racing.events import NEVER, Control, fates
from pitwall.sources.synthetic_world.racing.race import _Race
from pitwall.sources.synthetic_world.racing.strategy import Tyres

Stops = Callable[[Any, int], np.ndarray]  # (race, lap) -> whether the car stops at its end, by draw


@dataclass(frozen=True)
class Told:
    """A published race as it stood as the leader ended a lap, and where it may go on from."""

    race: Any
    each: Round
    lap: int

    @property
    def plain(self) -> bool:
        """Whether the track is dry, nobody is behind a safety car, and it is not going to rain."""
        control = self.race.control
        return not (
            self.race.wetness.any() or self.race.falls.any() or control.safety_car.any() or control.virtual.any()
        )

    def places(self) -> np.ndarray:
        """Return the numbers of the cars in running order, those that have stopped for good left out."""
        order = np.argsort(self.race.clock[0], kind="stable")
        return order[self.race.runs[0][order]]


def told(world: World, race: int, lap: int) -> Told:
    """Return a race as it was published up to the end of a lap, its stops included."""
    each = world.round(race)
    rng = generator(world.settings.seed, RACE, each.season, each.number)
    start = Start(each.slot[None, :], each.pit_lane[None, :], np.array([each.day.rain]))
    state = _Race(runners(each.field, each.fit), each.circuit, start, rng, stops=True)
    for number in range(1, lap + 1):
        state.drive(number, None)
    return Told(state, each, lap)


def seconds_to_flag(before: Told, car: int, decisions: Sequence[Stops], draws: int, seed: int) -> np.ndarray:
    """Return how long a car takes to the flag beside the median of the others, decisions x draws.

    What befalls the others is drawn anew, alike for every decision; the car itself neither breaks down nor crashes. After its decided stop
    it does as its pit wall does.

    Args:
        before: the race so far.
        car: number of the car.
        decisions: when it stops.
        draws: how often the race goes on with each.
        seed: of what happens from here on.
    """
    race = _spread(before.race, draws * len(decisions))
    race.rng = race.wall._rng = np.random.default_rng(seed)
    race.fates = _anew(before, draws, len(decisions), car)
    race.hazard = np.zeros(race.clock.shape)
    group = np.repeat(np.arange(len(decisions)), draws)

    def stops(now: Any, lap: int) -> np.ndarray:
        told_so = np.stack([decide(now, lap) for decide in decisions])
        return np.asarray(told_so[group, np.arange(len(group))])

    race.wall = _Decided(race.wall, race, car, stops, race.tyres.stint[0, car])
    for lap in range(before.lap + 1, before.each.circuit.laps + 1):
        race.drive(lap, None)
    others = np.where(race.runs, race.clock, np.nan)
    others[:, car] = np.nan
    return np.asarray(race.clock[:, car] - np.nanmedian(others, axis=1)).reshape(len(decisions), draws)


def on_lap(stop: int) -> Stops:
    """Return the decision to stop at the end of a lap."""
    return lambda race, lap: np.full(len(race.clock), lap >= stop)


def after_car(other: int, stint: int, latest: int) -> Stops:
    """Return the decision to stop on the lap after another car has, or on a lap at the latest."""
    return lambda race, lap: (race.tyres.stint[:, other] > stint) | (lap >= latest)


class _Decided:
    """A pit wall that is overruled for one car until it has stopped once."""

    def __init__(self, inner: Any, race: Any, car: int, stops: Stops, stint: int) -> None:
        self._inner, self._race, self._car, self._stops, self._stint = inner, race, car, stops, stint

    def calls(self, tyres: Any, lap: int, *conditions: Any) -> np.ndarray:
        who = self._inner.calls(tyres, lap, *conditions)
        waits = tyres.stint[:, self._car] == self._stint
        who[:, self._car] = np.where(waits, self._stops(self._race, lap), who[:, self._car])
        return who

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _anew(before: Told, draws: int, times: int, car: int) -> Any:
    """Return fates from here on, the same for each decision: who has a lap behind it cannot break down on it."""
    each, shape = before.each, (draws, len(before.each.slot))
    runs = runners(each.field, each.fit)
    slot = np.broadcast_to(each.slot, shape)
    drawn = fates(runs.breaks, runs.crashes, slot, each.circuit, np.random.default_rng([before.lap, car]))
    late = np.where(drawn.breaks_on <= before.lap, NEVER, drawn.breaks_on)
    threshold, incident = drawn.threshold.copy(), drawn.incident_on.copy()
    late[:, car], threshold[:, car], incident[:, car] = NEVER, np.inf, NEVER
    spoilt = replace(drawn, breaks_on=late, threshold=threshold, incident_on=incident)
    values = {name: np.broadcast_to(value, (draws, value.shape[-1])) for name, value in vars(spoilt).items()}
    return type(spoilt)(**{name: np.tile(value, (times, 1)) for name, value in values.items()})


def _spread(race: Any, draws: int) -> Any:
    """Return a race of one draw as one of many that have all come so far alike."""
    wide = copy.copy(race)
    for name, value in vars(race).items():
        setattr(wide, name, _wide(value, draws))
    wide.wall = copy.copy(race.wall)
    wide.wall._taste = np.repeat(race.wall._taste, draws, axis=0)
    wide.order = np.argsort(wide.clock, axis=1, kind="stable") + np.arange(draws)[:, None] * wide.clock.shape[1]
    return wide


def _wide(value: Any, draws: int) -> Any:
    if isinstance(value, np.ndarray) and value.ndim and value.shape[0] == 1:
        return np.repeat(value, draws, axis=0)
    if isinstance(value, Tyres | Control):
        return type(value)(**{each.name: _wide(getattr(value, each.name), draws) for each in fields(value)})
    return value
