"""The field of the synthetic world: who drives for whom, and how good driver and car are at every race.

Speed is in percent of a lap, more is faster. Car pace jumps between seasons (most of it under new rules) and drifts within
them; drivers age slowly, some change teams in winter or are swapped in mid-season, substitutes step in for a race or two,
rookies replace those who stop. Good drivers tend to find good cars, as in reality, which is why a few cars win most races, and
strong teams build cars that last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CAR_SD, DRIVER_SD = 0.72, 0.28
CAR_KEEPS, DRIVER_KEEPS = 0.86, 0.95
RULE_CHANGE_EVERY, RULE_CHANGE_KEEPS = 5, 0.35
CAR_DRIFT, DRIVER_DRIFT = 0.04, 0.013
RACE_PACE_SD = 0.15  # what a team has in the race beyond its single-lap speed
POWER_SD = 0.12  # what a car gains on the fastest straights and loses in corners
WEAR_SD = 0.16  # log factor on tyre wear, per team; drivers half of it
CREW_SD = 0.35  # log factor on the seconds that a crew loses at a stop
BREAKS = 0.082  # the chance that an average car breaks down in a race
FRAIL_PER_PACE = 0.4
RELIABILITY_SD, RELIABILITY_KEEPS = 0.34, 0.6
WET_SD, CRASHES_SD = 0.45, 0.3
RETIRES, TRADES = 0.12, 3
ROOKIE = 0.07  # what a rookie lacks of the average
SWAPS, SUBSTITUTES, WITHDRAWALS = 0.5, 0.035, 0.02  # chance per season, per race, per race


@dataclass(frozen=True)
class Field:
    """The cars that take part in one race: arrays over cars.

    Attributes:
        team: index of the team.
        driver: index of the driver.
        single: speed over one lap, percent.
        race: speed over a race distance, percent.
        power: gain per unit of the circuit's power, percent.
        wear: factor on tyre wear.
        wet: speed in the rain beyond that in the dry, percent of a lap on a wet track.
        crew: factor on what a stop loses.
        breaks: chance to break down in a race.
        crashes: factor on the chance of an accident.
        absent: (team, driver) of a car that was entered but takes no part.
    """

    team: np.ndarray
    driver: np.ndarray
    single: np.ndarray
    race: np.ndarray
    power: np.ndarray
    wear: np.ndarray
    wet: np.ndarray
    crew: np.ndarray
    breaks: np.ndarray
    crashes: np.ndarray
    absent: tuple[int, int] | None = None


class Paddock:
    """Teams and drivers, from race to race and from season to season."""

    def __init__(self, teams: int, drivers: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._car, self._skill = skewed(rng, teams, CAR_SD), rng.normal(0, DRIVER_SD, drivers)
        self._race, self._power = rng.normal(0, RACE_PACE_SD, teams), rng.normal(0, POWER_SD, teams)
        self._reliability, self._crew = rng.normal(0, RELIABILITY_SD, teams), rng.normal(0, CREW_SD, teams)
        self._team_wear, self._driver_wear = rng.normal(0, WEAR_SD, teams), rng.normal(0, WEAR_SD / 2, drivers)
        self._wet, self._crashes = rng.normal(0, WET_SD, drivers), rng.normal(0, CRASHES_SD, drivers)
        self._breaks = np.zeros(teams)
        self._next_rookie = 2 * teams
        self._seats = np.repeat(np.argsort(-self._car), 2)
        self._drivers = _near(np.argsort(-self._skill[: 2 * teams]), rng)

    def winter(self, new_rules: bool) -> None:
        """Move to the next season: new cars, drivers a year older, rookies, transfers."""
        keeps, rng, teams = RULE_CHANGE_KEEPS if new_rules else CAR_KEEPS, self._rng, len(self._car)
        self._car = keeps * self._car + np.sqrt(1 - keeps**2) * skewed(rng, teams, CAR_SD)
        self._race, self._power = (
            _mixed(self._race, RACE_PACE_SD, keeps, rng),
            _mixed(self._power, POWER_SD, keeps, rng),
        )
        self._team_wear = _mixed(self._team_wear, WEAR_SD, keeps, rng)
        self._reliability = _mixed(self._reliability, RELIABILITY_SD, RELIABILITY_KEEPS, rng)
        self._skill = DRIVER_KEEPS * self._skill
        for seat in np.flatnonzero(rng.random(len(self._drivers)) < RETIRES):
            self._drivers[seat] = self._rookie()
        self._trade()

    def season(self, teams: int, races: int) -> list[Field]:
        """Return the field of every race of a season in which the first `teams` teams take part."""
        rng = self._rng
        frailty = self._reliability - FRAIL_PER_PACE * self._car + rng.normal(0, 0.12, len(self._car))
        self._breaks = np.clip(BREAKS * np.exp(frailty - 0.5 * np.var(frailty)), 0.015, 0.4)
        swap = int(rng.integers(races // 3, races)) if races > 3 and rng.random() < SWAPS else -1
        away: dict[int, tuple[int, int]] = {}  # seat -> (substitute, races left)
        fields = []
        for race in range(races):
            self._car = self._car + rng.normal(0, CAR_DRIFT, self._car.shape)
            self._skill = self._skill + rng.normal(0, DRIVER_DRIFT, self._skill.shape)
            if race == swap:
                self._swap(teams)
            self._send_substitutes(away, teams)
            fields.append(self._field(teams, away))
        return fields

    def _field(self, teams: int, away: dict[int, tuple[int, int]]) -> Field:
        seats = np.flatnonzero(self._seats < teams)
        drivers = self._drivers.copy()
        for seat, (substitute, _) in away.items():
            drivers[seat] = substitute
        absent = None
        if len(seats) > 6 and self._rng.random() < WITHDRAWALS:
            out = int(self._rng.integers(len(seats)))
            absent = int(self._seats[seats[out]]), int(drivers[seats[out]])
            seats = np.delete(seats, out)
        team, driver = self._seats[seats], drivers[seats]
        single = self._car[team] + self._skill[driver]
        return Field(
            team=team,
            driver=driver,
            single=single,
            race=single + self._race[team],
            power=self._power[team],
            wear=np.exp(self._team_wear[team] + self._driver_wear[driver]),
            wet=self._wet[driver],
            crew=np.exp(self._crew[team]),
            breaks=self._breaks[team],
            crashes=np.exp(self._crashes[driver]),
            absent=absent,
        )

    def _send_substitutes(self, away: dict[int, tuple[int, int]], teams: int) -> None:
        """Bring back who was away long enough; now and then someone else has to miss a race or two."""
        for seat, (substitute, left) in list(away.items()):
            if left <= 1:
                del away[seat]
            else:
                away[seat] = substitute, left - 1
        if self._rng.random() < SUBSTITUTES:
            seat = int(self._rng.choice(np.flatnonzero(self._seats < teams)))
            away.setdefault(seat, (self._rookie(), int(self._rng.integers(1, 3))))

    def _swap(self, teams: int) -> None:
        """In mid-season a team tries a rookie, or takes the driver of another one and hands over its own."""
        one, two = self._rng.choice(np.flatnonzero(self._seats < teams), 2, replace=False)
        if self._rng.random() < 0.5:
            self._drivers[[one, two]] = self._drivers[[two, one]]
        else:
            self._drivers[one] = self._rookie()

    def _rookie(self) -> int:
        """Return the next driver who has not driven yet; they start a little below the average."""
        rookie = self._next_rookie
        self._next_rookie = min(rookie + 1, len(self._skill) - 1)
        self._skill[rookie] -= ROOKIE
        return rookie

    def _trade(self) -> None:
        """Swap a few pairs of drivers when that brings the better one into the better car."""
        for _ in range(TRADES):
            one, two = self._rng.choice(len(self._drivers), 2, replace=False)
            skill, car = self._skill[self._drivers], self._car[self._seats]
            if (skill[one] - skill[two]) * (car[one] - car[two]) < 0:
                self._drivers[[one, two]] = self._drivers[[two, one]]


def skewed(rng: np.random.Generator, count: int, sd: float) -> np.ndarray:
    """Return speeds with a long upper tail: a few cars far ahead, a dense midfield. Mean 0."""
    values: np.ndarray = sd * (rng.gumbel(0, 1, count) - np.euler_gamma) / 1.2825
    return values


def _mixed(value: np.ndarray, sd: float, keeps: float, rng: np.random.Generator) -> np.ndarray:
    """Return values of which a part is new, as spread as before."""
    mixed: np.ndarray = keeps * value + np.sqrt(1 - keeps**2) * rng.normal(0, sd, value.shape)
    return mixed


def _near(order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return `order` with neighbours mixed."""
    mixed: np.ndarray = order[np.argsort(np.arange(len(order)) + rng.normal(0, len(order) / 4, len(order)))]
    return mixed
