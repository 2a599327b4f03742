"""The hidden history of the synthetic world: the state of every race up to its grid, drawn once from the settings.

Nothing in it depends on how races end, so that any race can be run again without running those before it. Each part draws
from a generator of its own, named by purpose and race, so that parts do not disturb each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from pitwall.sources.synthetic_world.publishing.moments import weekends
from pitwall.sources.synthetic_world.racing.course import Runners
from pitwall.sources.synthetic_world.racing.weather import Day, race_day
from pitwall.sources.synthetic_world.state.calendar import (
    SPRINT_SHARE,
    most_teams,
    season_calendar,
    sprint_rounds,
    teams_of_season,
)
from pitwall.sources.synthetic_world.state.circuit import Circuit, circuits
from pitwall.sources.synthetic_world.state.field import RULE_CHANGE_EVERY, Field, Paddock
from pitwall.sources.synthetic_world.state.session import Session, fit, practice, qualifying, starting_grid

if TYPE_CHECKING:
    from pitwall.sources.synthetic import SyntheticSettings

CIRCUITS, PEOPLE, PADDOCK, CALENDAR, WEEKEND, GRID, DAY, RACE, SPRINT, NEWS = range(1, 11)  # purposes of generators


@dataclass(frozen=True)
class Appointment:
    """A race of the calendar: season, number in it from 1, start (UTC), circuit, whether there is a sprint, whether it was run."""

    season: int
    number: int
    start: datetime
    circuit: Circuit
    sprint: bool
    run: bool

    @property
    def race_id(self) -> int:
        """Return the id in the dump."""
        return self.season * 100 + self.number

    @property
    def sprint_circuit(self) -> Circuit:
        """Return the circuit with the laps of a sprint."""
        return replace(self.circuit, laps=max(3, round(self.circuit.laps * SPRINT_SHARE)))


@dataclass(frozen=True)
class Round(Appointment):
    """A race with its weekend.

    Attributes:
        field: the cars.
        fit: how the circuit suits each, percent.
        day: the weather of the race day.
        practice: the sessions held.
        qualifying: its three parts.
        slot: on the grid from 1 (cars from the pit lane behind the last slot).
        pit_lane: who starts from there.
    """

    field: Field
    fit: np.ndarray
    day: Day
    practice: tuple[Session, ...]
    qualifying: tuple[Session, ...]
    slot: np.ndarray
    pit_lane: np.ndarray


@dataclass(frozen=True)
class History:
    """Everything before the races: circuits, the whole calendar by race id, and the rounds that have a weekend."""

    circuits: tuple[Circuit, ...]
    calendar: dict[int, Appointment]
    rounds: dict[int, Round]


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """Return the generator of a purpose."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *purpose])))


def people(settings: SyntheticSettings) -> tuple[int, int]:
    """Return how many drivers and teams there are in all."""
    teams = most_teams(settings.teams)
    return 2 * teams + 7 * settings.all_seasons + 4, teams


def hidden_history(settings: SyntheticSettings) -> History:
    """Return the hidden history of a world; the same settings give the same one."""
    seed, count = settings.seed, settings.all_seasons
    places = circuits(generator(seed, CIRCUITS))
    drivers, teams = people(settings)
    paddock = Paddock(teams, drivers, generator(seed, PADDOCK))
    made = History(tuple(places), {}, {})
    for number in range(count):
        season = settings.first + number
        if number:
            paddock.winter(number % RULE_CHANGE_EVERY == 0)
        fields = paddock.season(teams_of_season(number, count, settings.teams), settings.races)
        rng = generator(seed, CALENDAR, season)
        calendar = season_calendar(season, settings.races, places, rng)
        sprints = sprint_rounds(season, settings.races, rng)
        run = settings.run if number == count - 1 else settings.races
        public = weekends(settings.moment, run, settings.races)
        for turn, ((start, circuit), field) in enumerate(zip(calendar, fields, strict=True), start=1):
            at = Appointment(season, turn, start, circuit, turn in sprints, turn <= run)
            made.calendar[at.race_id] = at
            if turn <= public:
                made.rounds[at.race_id] = _weekend(seed, at, field)
    return made


def _weekend(seed: int, at: Appointment, field: Field) -> Round:
    rng = generator(seed, WEEKEND, at.season, at.number)
    suits = fit(field, at.circuit, 1, rng)[0]
    speed = field.single + suits
    sessions = tuple(practice(speed, at.circuit, each, rng) for each in range(1 if at.sprint else 3))
    parts = tuple(qualifying(speed, at.circuit, rng))
    slot, pit_lane = starting_grid(parts[0].place[None, :], generator(seed, GRID, at.season, at.number))
    return Round(
        **vars(at),
        field=field,
        fit=suits,
        day=race_day(at.circuit, generator(seed, DAY, at.season, at.number)),
        practice=sessions,
        qualifying=parts,
        slot=slot[0],
        pit_lane=pit_lane[0],
    )


def runners(field: Field, suits: np.ndarray) -> Runners:
    """Return what a race needs to know of a field at a circuit; `suits` may be draws x cars."""
    return Runners(field.team, field.race + suits, field.wear, field.wet, field.crew, field.breaks, field.crashes)
