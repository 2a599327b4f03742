"""The hidden truth of the synthetic world: who drives for whom, and how strong driver and car are at every race.

Strength is in units of the race's noise (a standard Gumbel variable): in a race without incidents an advantage of 1 multiplies
the odds by e. Car pace jumps between seasons and drifts within them, drivers age slowly, some change teams, rookies replace
those who stop. Good drivers tend to find good cars, as in reality, which is why a few cars win most races, and strong teams
build cars that last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources._world_names import FAILURES

CAR_SD = 5.0
DRIVER_SD = 2.2
CAR_KEEPS = 0.86
RULE_CHANGE_EVERY = 5
RULE_CHANGE_KEEPS = 0.35
CAR_DRIFT = 0.3
DRIVER_DRIFT = 0.1
DRIVER_KEEPS = 0.95
RACE_PACE_SD = 1.4
BREAKS = 0.107  # the chance that an average car breaks down in a race
FRAIL_PER_STRENGTH = 0.06
RELIABILITY_SD = 0.32
RELIABILITY_KEEPS = 0.6
RETIRES = 0.12
TRADES = 3


@dataclass
class Field:
    """One season's cars: team and driver of each car (index arrays), and their strengths, updated race by race.

    `race_pace` is what a car and driver have in the race beyond their single-lap speed; `failure` the chance to retire.
    """

    season: int
    team: np.ndarray
    driver: np.ndarray
    car: np.ndarray
    skill: np.ndarray
    race_pace: np.ndarray
    failure: np.ndarray

    @property
    def strength(self) -> np.ndarray:
        """Return the single-lap strength of each entered car."""
        total: np.ndarray = self.car[self.team] + self.skill[self.driver]
        return total

    @property
    def race_strength(self) -> np.ndarray:
        """Return the strength of each entered car over a race distance."""
        total: np.ndarray = self.strength + self.race_pace[self.team]
        return total

    def drift(self, rng: np.random.Generator) -> None:
        """Move to the next race: developments of the cars, form of the drivers."""
        self.car = self.car + rng.normal(0, CAR_DRIFT, self.car.shape)
        self.skill = self.skill + rng.normal(0, DRIVER_DRIFT, self.skill.shape)


class Paddock:
    """Carries teams and drivers from season to season."""

    def __init__(self, teams: int, drivers: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._car = skewed(rng, teams, CAR_SD)
        self._skill = rng.normal(0, DRIVER_SD, drivers)
        self._reliability = rng.normal(0, RELIABILITY_SD, teams)
        self._race_pace = rng.normal(0, RACE_PACE_SD, teams)
        self._next_rookie = 2 * teams
        order = np.argsort(-self._skill[: 2 * teams])
        self._seats = np.repeat(np.argsort(-self._car), 2)
        self._drivers = _shuffle_near(order, rng)

    def season(self, number: int, season: int, teams: int) -> Field:
        """Return the field of a season; `number` counts from 0, `teams` of all teams take part."""
        if number:
            self._winter(number)
        takes_part = self._seats < teams
        frailty = self._reliability - FRAIL_PER_STRENGTH * self._car + self._rng.normal(0, 0.12, len(self._car))
        chance = BREAKS * np.exp(frailty - 0.5 * np.var(frailty))
        return Field(
            season,
            self._seats[takes_part],
            self._drivers[takes_part],
            self._car,
            self._skill,
            self._race_pace,
            np.clip(chance, 0.02, 0.5),
        )

    def keep(self, field: Field) -> None:
        """Carry the strengths at the end of a season into the next."""
        self._car, self._skill = field.car, field.skill

    def _winter(self, number: int) -> None:
        rng, teams = self._rng, len(self._car)
        keeps = RULE_CHANGE_KEEPS if number % RULE_CHANGE_EVERY == 0 else CAR_KEEPS
        self._car = keeps * self._car + np.sqrt(1 - keeps**2) * skewed(rng, teams, CAR_SD)
        self._race_pace = keeps * self._race_pace + np.sqrt(1 - keeps**2) * rng.normal(0, RACE_PACE_SD, teams)
        self._skill = DRIVER_KEEPS * self._skill
        self._reliability = RELIABILITY_KEEPS * self._reliability + np.sqrt(1 - RELIABILITY_KEEPS**2) * rng.normal(
            0, RELIABILITY_SD, teams
        )
        self._replace()
        self._trade()

    def _replace(self) -> None:
        """Rookies take the seats of those who stop; they start a little below the average."""
        for seat in np.flatnonzero(self._rng.random(len(self._drivers)) < RETIRES):
            if self._next_rookie < len(self._skill):
                self._drivers[seat] = self._next_rookie
                self._skill[self._next_rookie] -= 0.6
                self._next_rookie += 1

    def _trade(self) -> None:
        """Swap a few pairs of drivers when that brings the better one into the better car."""
        for _ in range(TRADES):
            one, two = self._rng.choice(len(self._drivers), 2, replace=False)
            skill, car = self._skill[self._drivers], self._car[self._seats]
            if (skill[one] - skill[two]) * (car[one] - car[two]) < 0:
                self._drivers[[one, two]] = self._drivers[[two, one]]


def skewed(rng: np.random.Generator, count: int, sd: float) -> np.ndarray:
    """Return strengths with a long upper tail: a few cars far ahead, a dense midfield. Mean 0."""
    raw = rng.gumbel(0, 1, count)
    values: np.ndarray = sd * (raw - np.euler_gamma) / 1.2825
    return values


def _shuffle_near(order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return `order` with neighbours mixed."""
    mixed: np.ndarray = order[np.argsort(np.arange(len(order)) + rng.normal(0, len(order) / 4, len(order)))]
    return mixed


def failure_status(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return the status ids of retirements."""
    return rng.choice(np.array(FAILURES), count)
