"""Simulate a race weekend of the synthetic world up to the race: practice, qualifying, penalties.

Everything is an array over the cars of the field. Times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources._world_strength import Field

QUALIFYING_NOISE = 2.8
TEAM_FIT_SD, CAR_FIT_SD = 1.9, 0.6
PRACTICE_NOISE = 3.2
PACE_PER_STRENGTH = 0.0011
PENALTY = 0.06
PIT_LANE = 0.008


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
    fit = rng.normal(0, TEAM_FIT_SD, len(field.car))[field.team] + rng.normal(0, CAR_FIT_SD, cars)
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
