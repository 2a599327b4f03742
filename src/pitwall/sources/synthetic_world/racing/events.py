"""What happens to cars and races: breakdowns, accidents, incidents, penalties, safety cars, virtual ones, red flags.

Chances per car are turned into the lap on which they strike before the race; accidents depend on the lap (the first one, rain),
so each car has a threshold that its accumulated hazard must reach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources.synthetic_world.state.circuit import Circuit

CROWD = 0.6  # exponent: most of the danger begins behind the first rows
FIRST_LAP = 14.0  # times the usual hazard of an accident
SLOW_HAZARD = 0.1  # behind the safety car
RAIN_HAZARD = 4.0  # added per unit of wetness
CRASHES_FIRST, CRASHES_LAST = 0.014, 0.108  # chance from the first and from the last slot, in the dry
INCIDENT = (0.06, 0.26)  # chance of a spin, a damaged wing, ... from the first and from the last slot
INCIDENT_SECONDS = 15.0  # what it costs on average
SAFETY_CAR_AFTER_CRASH, SAFETY_CAR_AFTER_BREAKDOWN = 0.36, 0.08
VIRTUAL_AFTER_CRASH, VIRTUAL_AFTER_BREAKDOWN = 0.1, 0.09
RED_AFTER_CRASH = 0.075
DEBRIS, DEBRIS_VIRTUAL = 0.0016, 0.0014  # chance per lap
SAFETY_CAR_LAPS, VIRTUAL_LAPS = (3, 7), (1, 4)
TIME_PENALTY = 0.05  # chance per car of 5 s (or 10), added at the end
DISQUALIFIED, LATE_PENALTY = 0.0008, 0.0004  # chance per car; both are published days later
NEVER = 10_000

RUNNING, BROKEN, CRASHED, DISQUALIFIED_LATER = 0, 1, 2, 3


def crash_chances(slot: np.ndarray, crashes: np.ndarray, danger: float) -> np.ndarray:
    """Return the chance of an accident in a dry race, by slot on the grid (last axis: cars)."""
    chance = CRASHES_FIRST + (CRASHES_LAST - CRASHES_FIRST) * ((slot - 1) / slot.shape[-1]) ** CROWD
    return np.asarray(np.clip(chance * crashes * danger**0.5, 0, 0.6))


@dataclass
class Fates:
    """Drawn before the race, draws x cars: breakdown lap, threshold and hazard of accidents, incidents, penalties."""

    breaks_on: np.ndarray
    threshold: np.ndarray
    hazard: np.ndarray
    incident_on: np.ndarray
    incident_seconds: np.ndarray
    penalty: np.ndarray
    late_penalty: np.ndarray
    disqualified: np.ndarray


def fates(
    breaks: np.ndarray, crashes: np.ndarray, slot: np.ndarray, circuit: Circuit, rng: np.random.Generator
) -> Fates:
    """Draw what will befall each car; `breaks` is a chance, `crashes` a factor on that of accidents."""
    shape, laps = slot.shape, circuit.laps
    total = -np.log1p(-crash_chances(slot, crashes, circuit.danger))
    unlucky = rng.random(shape)
    incident = INCIDENT[0] + (INCIDENT[1] - INCIDENT[0]) * (slot - 1) / shape[1]
    return Fates(
        breaks_on=_lap(rng.exponential(1, shape) / -np.log1p(-breaks), laps),
        threshold=rng.exponential(1, shape),
        hazard=total / (laps - 1 + FIRST_LAP),
        incident_on=np.where(rng.random(shape) < incident, rng.integers(1, laps + 1, shape), NEVER),
        incident_seconds=rng.exponential(INCIDENT_SECONDS, shape),
        penalty=np.where(unlucky < TIME_PENALTY, np.where(unlucky < TIME_PENALTY / 4, 10.0, 5.0), 0.0),
        late_penalty=np.where(rng.random(shape) < LATE_PENALTY, 10.0, 0.0),
        disqualified=rng.random(shape) < DISQUALIFIED,
    )


def _lap(share: np.ndarray, laps: int) -> np.ndarray:
    return np.where(share < 1, 1 + np.floor(share * laps), NEVER)


@dataclass
class Control:
    """Race control, per draw: laps still to go behind the safety car or under a virtual one; red flag on this lap."""

    safety_car: np.ndarray
    virtual: np.ndarray
    red: np.ndarray

    @classmethod
    def clear(cls, draws: int) -> Control:
        """Return a clear track."""
        return cls(np.zeros(draws, dtype=int), np.zeros(draws, dtype=int), np.zeros(draws, dtype=bool))

    def react(self, crash: np.ndarray, breakdown: np.ndarray, danger: float, rng: np.random.Generator) -> None:
        """Move on by a lap, then answer to what happened on it (per draw: a crash, a breakdown)."""
        for count in (self.safety_car, self.virtual):
            np.maximum(count - 1, 0, out=count)
        chance, danger = rng.random(len(crash)), danger**0.5
        self.red = np.zeros(len(crash), dtype=bool)
        if not crash.any() and not breakdown.any() and chance.min() > DEBRIS * danger + DEBRIS_VIRTUAL:
            return
        full = danger * np.where(crash, SAFETY_CAR_AFTER_CRASH, np.where(breakdown, SAFETY_CAR_AFTER_BREAKDOWN, DEBRIS))
        slow = np.where(crash, VIRTUAL_AFTER_CRASH, np.where(breakdown, VIRTUAL_AFTER_BREAKDOWN, DEBRIS_VIRTUAL))
        self.red = crash & (chance > 1 - RED_AFTER_CRASH)
        free = (self.safety_car == 0) & (self.virtual == 0) & ~self.red
        deployed, slowed = free & (chance < full), free & (chance >= full) & (chance < full + slow)
        self.safety_car = np.where(deployed, rng.integers(*SAFETY_CAR_LAPS, len(crash)), self.safety_car)
        self.virtual = np.where(slowed, rng.integers(*VIRTUAL_LAPS, len(crash)), self.virtual)
        self.safety_car[self.red] = self.virtual[self.red] = 0
