"""Practice and knock-out qualifying of the synthetic world, with sector times, and the grid after penalties.

Arrays over cars (or draws x cars). Times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources.synthetic_world.state.circuit import Circuit
from pitwall.sources.synthetic_world.state.field import Field

TEAM_FIT_SD, CAR_FIT_SD = 0.18, 0.06  # how a circuit suits a car, percent of a lap
QUALIFYING_SD, SECTOR_SD = 0.26, 0.09  # of a car's day, and of each sector of a lap
PRACTICE_SD, PRACTICE_SLOW = 0.36, 0.45
TRACK_GAIN = 0.1  # from one part of qualifying to the next
LAST_PART = 10
MISHAP, MISHAP_COSTS = 0.028, 3.0  # chance of a spoilt qualifying (a crash, a lap deleted), and what it costs, percent
PENALTY, PENALTIES = 0.07, (3, 5, 10, 20)  # chance, and places lost
PIT_LANE = 0.008


@dataclass(frozen=True)
class Session:
    """A session: sector times (cars x 3, NaN without a lap) and the place of each car from 1."""

    sectors: np.ndarray
    place: np.ndarray

    @property
    def seconds(self) -> np.ndarray:
        """Return the lap times."""
        return np.asarray(np.round(self.sectors.sum(axis=-1), 3))


def fit(field: Field, circuit: Circuit, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return how the circuit suits each car, draws x cars, percent."""
    teams, index = np.unique(field.team, return_inverse=True)
    team = rng.normal(0, TEAM_FIT_SD, (draws, len(teams)))[:, index]
    return np.asarray(field.power * circuit.power + team + rng.normal(0, CAR_FIT_SD, (draws, len(index))))


def practice(speed: np.ndarray, circuit: Circuit, number: int, rng: np.random.Generator) -> Session:
    """Return practice session `number`; the track and the cars get faster from one to the next."""
    day = speed - PRACTICE_SLOW + 0.13 * number + rng.normal(0, PRACTICE_SD, speed.shape)
    sectors = _sectors(day, circuit, rng)
    return Session(sectors, _ranks(sectors.sum(axis=-1)))


def qualifying(speed: np.ndarray, circuit: Circuit, rng: np.random.Generator) -> list[Session]:
    """Return Q1, Q2, Q3; `place` of each is that of the whole session, NaN times where a car was out.

    The last two parts hold ten cars and half of the others more; a car that is out keeps its place.
    """
    cars = len(speed)
    last = min(LAST_PART, max(2, cars // 2))
    day = _day(speed, rng)
    inside, place = np.arange(cars), np.zeros(cars, dtype=int)
    parts = []
    for part, stay in enumerate(((cars + last + 1) // 2, last, 0)):
        sectors = np.full((cars, 3), np.nan)
        sectors[inside] = _sectors(day[inside] + TRACK_GAIN * part, circuit, rng)
        ranked = inside[np.argsort(np.round(sectors[inside].sum(axis=1), 3), kind="stable")]
        place[ranked[stay:]] = np.arange(stay + 1, len(ranked) + 1)
        parts.append(sectors)
        inside = ranked[:stay]
    return [Session(sectors, place) for sectors in parts]


def qualifying_places(speed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return places of many qualifyings at once, draws x cars: the three parts of `qualifying` without their sectors."""
    cars = speed.shape[1]
    last = min(LAST_PART, max(2, cars // 2))
    day = _day(speed, rng)
    lap_sd = SECTOR_SD / np.sqrt(3)
    rank = np.full(speed.shape, -1.0)
    for stay in ((cars + last + 1) // 2, last, 0):
        key = np.where(rank >= 0, 1e3 + rank, -(day + rng.normal(0, lap_sd, speed.shape)))
        place = _ranks(key)
        rank = np.where(place > stay, place, rank)
    return place


def starting_grid(place: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the slots from 1 after penalties, draws x cars, and who starts from the pit lane (behind the last slot)."""
    moved = np.where(rng.random(place.shape) < PENALTY, rng.choice(PENALTIES, place.shape) + 0.5, 0)
    pit_lane = rng.random(place.shape) < PIT_LANE
    return _ranks(place + moved + np.where(pit_lane, 1000, 0)), pit_lane


def _day(speed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return how fast each car is in qualifying."""
    spoilt = rng.random(speed.shape) < MISHAP
    return np.asarray(speed + rng.normal(0, QUALIFYING_SD, speed.shape) - MISHAP_COSTS * spoilt)


def _sectors(speed: np.ndarray, circuit: Circuit, rng: np.random.Generator) -> np.ndarray:
    share = np.array(circuit.sectors)
    slow = -(speed[:, None] + rng.normal(0, SECTOR_SD, (len(speed), 3))) / 100
    return np.asarray(np.round(circuit.lap * share * (1 + slow), 3))


def _ranks(key: np.ndarray) -> np.ndarray:
    """Return the rank from 1 of each value along the last axis."""
    order = np.argsort(key, axis=-1, kind="stable")
    ranks = np.empty(key.shape, dtype=int)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, key.shape[-1] + 1), key.shape), axis=-1)
    return ranks
