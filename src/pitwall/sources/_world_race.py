"""Simulate one race of the synthetic world: who breaks down, what goes wrong for the others, and who arrives in which order.

Everything is an array over the cars of the field. The order follows race strength plus what the starting slot is worth
plus luck. Luck has the tails of real races: beside the noise of every lap there are spins, punctures and penalties,
slow stops, a call from the pit wall that both cars of a team share, and now and then a race that rain or safety cars
turn upside down. Cars break down as their team builds them, and collide where the field is dense. How often each happens is
set to what real seasons show (`studies/realism.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources._world_strength import Field, failure_status
from pitwall.sources._world_weekend import Circuit, Weekend, lap_times

SLOT_WORTH = 1.3
SECONDS_PER_STRENGTH = 3.2
INCIDENT, INCIDENT_SECONDS = 0.16, 18.0  # chance per car, and what it costs on average
CALL_SD = 0.9
SAFETY_CAR, SAFETY_CAR_SD = 0.5, 1.3  # chance per race, and how it shuffles the field
UPHEAVAL, UPHEAVAL_SD = 0.15, 4.0
COLLIDES_FIRST, COLLIDES_LAST = 0.01, 0.09  # chance from the first and from the last slot
WITHDRAWS = 0.001
DISQUALIFIED = 0.002

Stops = list[list[tuple[int, float]]]


@dataclass(frozen=True)
class Race:
    """Per car: grid (0 pit lane), order of classification from 1, laps, total seconds, fastest lap, status id, stops."""

    grid: np.ndarray
    order: np.ndarray
    laps: np.ndarray
    seconds: np.ndarray
    fastest: np.ndarray
    status: np.ndarray
    stops: Stops


def run_race(field: Field, circuit: Circuit, weekend: Weekend, rng: np.random.Generator) -> Race:
    """Simulate the race."""
    cars = len(field.team)
    slot = np.where(weekend.grid == 0, cars + 1, weekend.grid)
    score = field.race_strength + weekend.fit - SLOT_WORTH * np.log(slot) + _luck(field, rng)
    failed = rng.random(cars) < _failure(field, slot)
    status = np.where(failed, failure_status(rng, cars), 1)
    status = np.where(rng.random(cars) < DISQUALIFIED, 2, status)
    status = np.where(rng.random(cars) < WITHDRAWS, 54, status)
    driven = np.where(failed, (circuit.laps * rng.beta(0.9, 1.1, cars)).astype(int), circuit.laps)
    stops = [_stops(circuit, int(each), rng) for each in np.where(status == 54, 0, driven)]
    score = score - _slow_seconds(circuit, stops) / SECONDS_PER_STRENGTH
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
        stops=stops,
    )


def _luck(field: Field, rng: np.random.Generator) -> np.ndarray:
    """Return what the race adds to each car's strength or takes from it."""
    cars = len(field.team)
    calls = rng.normal(0, CALL_SD, len(field.car))[field.team]
    incident = (rng.random(cars) < INCIDENT) * rng.exponential(INCIDENT_SECONDS, cars) / SECONDS_PER_STRENGTH
    shuffled = rng.normal(0, 1, cars) * (
        SAFETY_CAR_SD * (rng.random() < SAFETY_CAR) + UPHEAVAL_SD * (rng.random() < UPHEAVAL)
    )
    luck: np.ndarray = rng.gumbel(0, 1, cars) + calls - incident + shuffled
    return luck


def _failure(field: Field, slot: np.ndarray) -> np.ndarray:
    """Return the chance that each car does not finish: its team's reliability, and collisions, rare at the front."""
    collides = COLLIDES_FIRST + (COLLIDES_LAST - COLLIDES_FIRST) * (slot - 1) / len(slot)
    chance: np.ndarray = 1 - (1 - field.failure[field.team]) * (1 - collides)
    return chance


def _slow_seconds(circuit: Circuit, stops: Stops) -> np.ndarray:
    """Return the seconds that each car lost in the pit lane beyond the quickest way through it."""
    return np.array([sum(seconds - circuit.pit_lane for _, seconds in each) for each in stops])


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
