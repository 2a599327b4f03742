"""Simulate one race weekend of the synthetic world: practice, qualifying, penalties, the race and its pit stops.

Everything is an array over the cars of the field. Times in seconds. The race's order follows a Plackett-Luce law: race
strength plus what the starting slot is worth plus Gumbel noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources._world_strength import Field, failure_status

QUALIFYING_NOISE = 2.7
WEEKEND_NOISE = 0.8
PRACTICE_NOISE = 3.2
PACE_PER_STRENGTH = 0.0011
SLOT_WORTH = 1.5
PENALTY = 0.06
PIT_LANE = 0.008
WITHDRAWS = 0.001
DISQUALIFIED = 0.002


@dataclass(frozen=True)
class Circuit:
    """What the simulation needs of a circuit: a fast lap in seconds, laps of the race, its pit lane in seconds."""

    lap: float
    laps: int
    pit_lane: float


@dataclass(frozen=True)
class Qualifying:
    """Order (place of each car from 1) and times of the three parts, NaN where a car did not take part."""

    place: np.ndarray
    times: np.ndarray


@dataclass(frozen=True)
class Race:
    """Per car: grid (0 pit lane), order of classification from 1, laps, total seconds, fastest lap, status id."""

    grid: np.ndarray
    order: np.ndarray
    laps: np.ndarray
    seconds: np.ndarray
    fastest: np.ndarray
    status: np.ndarray
    stops: list[list[tuple[int, float]]]


@dataclass(frozen=True)
class Weekend:
    """A weekend up to the race: the circuit's fit of each car, practice times (3 x cars), qualifying, final grid."""

    fit: np.ndarray
    practice: np.ndarray
    qualifying: Qualifying
    grid: np.ndarray


def lap_times(circuit: Circuit, strength: np.ndarray) -> np.ndarray:
    """Return single-lap times for strengths."""
    times: np.ndarray = circuit.lap * (1 + PACE_PER_STRENGTH * (10 - strength))
    return np.round(times, 3)


def run_weekend(field: Field, circuit: Circuit, rng: np.random.Generator) -> Weekend:
    """Simulate practice, qualifying and penalties."""
    cars = len(field.team)
    fit = rng.normal(0, WEEKEND_NOISE, cars)
    strength = field.strength + fit
    noise = rng.normal(0, PRACTICE_NOISE, (3, cars))
    practice = np.stack([lap_times(circuit, strength + noise[i] - 4 + 1.2 * i) for i in range(3)])
    qualifying = _qualify(circuit, strength, rng)
    return Weekend(fit, practice, qualifying, _grid(qualifying.place, rng))


def _qualify(circuit: Circuit, strength: np.ndarray, rng: np.random.Generator) -> Qualifying:
    """Knock out the slowest in two steps; ten cars (or half of a small field) fight for pole."""
    cars = len(strength)
    last = min(10, max(2, cars // 2))
    form = strength + rng.normal(0, QUALIFYING_NOISE, cars)
    times = np.full((3, cars), np.nan)
    place = np.zeros(cars, dtype=int)
    inside = np.arange(cars)
    for part, stay in enumerate(((cars + last + 1) // 2, last, 0)):
        times[part, inside] = lap_times(circuit, form[inside] + 0.9 * part + rng.normal(0, 0.45, len(inside)))
        ranked = inside[np.argsort(times[part, inside], kind="stable")]
        place[ranked[stay:]] = np.arange(stay + 1, len(ranked) + 1)
        inside = ranked[:stay]
    return Qualifying(place, times)


def _grid(place: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the final grid: penalties move cars back, a few start from the pit lane (0)."""
    cars = len(place)
    moved = np.where(rng.random(cars) < PENALTY, rng.choice([3, 5, 10], cars) + 0.5, 0)
    pit_lane = rng.random(cars) < PIT_LANE
    order = np.argsort(place + moved + np.where(pit_lane, 1000, 0), kind="stable")
    grid = np.empty(cars, dtype=int)
    grid[order] = np.arange(1, cars + 1)
    return np.where(pit_lane, 0, grid)


def run_race(field: Field, circuit: Circuit, weekend: Weekend, rng: np.random.Generator) -> Race:
    """Simulate the race."""
    cars = len(field.team)
    slot = np.where(weekend.grid == 0, cars + 1, weekend.grid)
    score = field.race_strength + weekend.fit - SLOT_WORTH * np.log(slot) + rng.gumbel(0, 1, cars)
    failed = rng.random(cars) < field.failure[field.team]
    status = np.where(failed, failure_status(rng, cars), 1)
    status = np.where(rng.random(cars) < DISQUALIFIED, 2, status)
    status = np.where(rng.random(cars) < WITHDRAWS, 54, status)
    driven = np.where(failed, (circuit.laps * rng.beta(0.9, 1.1, cars)).astype(int), circuit.laps)
    lost = np.where(status == 1, _laps_lost(score), 0)
    status = np.where(status == 1, np.array([1, 11, 12, 13])[lost], status)
    laps = np.where(status == 54, 0, driven - lost)
    group = np.select([status == 54, status == 2, failed], [3, 2, 1], 0)
    order = np.empty(cars, dtype=int)
    order[np.lexsort((-score, -laps, group))] = np.arange(1, cars + 1)
    return Race(
        grid=weekend.grid,
        order=order,
        laps=laps,
        seconds=_seconds(circuit, score, status, rng),
        fastest=lap_times(circuit, field.race_strength + rng.normal(-18, 2.5, cars)),
        status=status,
        stops=[_stops(circuit, int(each), rng) for each in laps],
    )


def _laps_lost(score: np.ndarray) -> np.ndarray:
    behind = score.max() - score
    lost: np.ndarray = np.clip((behind - 12) / 7, 0, 3).astype(int)
    return lost


def _seconds(circuit: Circuit, score: np.ndarray, status: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the total time of cars on the lead lap, NaN for others."""
    gaps = 3.2 * (score.max() - score)
    total = circuit.lap * circuit.laps * (1.06 + rng.uniform(0, 0.03)) + gaps
    seconds: np.ndarray = np.where(status == 1, np.round(total, 3), np.nan)
    return seconds


def _stops(circuit: Circuit, laps: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Return (lap, seconds in the pit lane) of a car that drove `laps` laps."""
    planned = rng.choice([1, 2, 3], p=[0.45, 0.43, 0.12])
    windows = (np.arange(1, planned + 1) / (planned + 1) + rng.normal(0, 0.05, planned)) * circuit.laps
    slow = rng.exponential(0.9, planned) + rng.exponential(6, planned) * (rng.random(planned) < 0.06)
    return [
        (int(lap), round(float(circuit.pit_lane + extra), 3))
        for lap, extra in zip(np.sort(windows), slow, strict=True)
        if 1 <= lap < laps
    ]
