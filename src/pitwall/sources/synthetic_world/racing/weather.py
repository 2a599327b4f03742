"""The weather of the synthetic world: how likely rain is on a race day, showers over the laps, and forecasts of it.

A day has a true chance of rain, drawn from the circuit's climate; nobody knows it. Forecasts are that chance seen through
noise on the logit scale, which shrinks as the race comes nearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources.synthetic_world.state.circuit import Circuit

CERTAINTY = 0.7  # of a day's chance around the climate's: small means that days are decided early
SHOWER_LAPS, INTENSITY = 15.0, (2.2, 0.19)  # mean length of a shower; Gamma of what it adds to the wetness each lap
SECOND_SHOWER = 0.3
DRIES = 0.045  # wetness per lap
AIR_SD = 4.0
LEADS = {72: (1.7, 2.6), 24: (0.9, 1.4), 2: (0.4, 0.5)}  # hours ahead: sd of the logit of rain, of the temperature in C


@dataclass(frozen=True)
class Day:
    """A race day: true chance of rain, air temperature (C), humidity (%), pressure (mbar), wind (m/s, degrees)."""

    rain: float
    air: float
    humidity: float
    pressure: float
    wind: float
    direction: int


def race_day(circuit: Circuit, rng: np.random.Generator) -> Day:
    """Draw the weather of a race day from the climate."""
    rain = float(np.clip(rng.beta(CERTAINTY * circuit.rain, CERTAINTY * (1 - circuit.rain)), 0.002, 0.98))
    air = circuit.air + float(rng.normal(0, AIR_SD)) - 5 * rain
    humidity = float(np.clip(rng.normal(48, 14) + 30 * rain, 8, 97))
    pressure = 1014 - 0.115 * circuit.alt + float(rng.normal(0, 5))
    return Day(rain, air, humidity, pressure, float(rng.gamma(2, 0.8)), int(rng.integers(360)))


def chances(circuit: Circuit, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the day's chance of rain many times from the climate: what is known before the weekend."""
    return np.clip(rng.beta(CERTAINTY * circuit.rain, CERTAINTY * (1 - circuit.rain), draws), 0.002, 0.98)


def showers(chance: np.ndarray, laps: int, rng: np.random.Generator) -> np.ndarray:
    """Return what falls on each lap, draws x laps, 0 where it is dry."""
    draws = len(chance)
    falls = np.zeros((draws, laps))
    lap = np.arange(laps)
    for happens in (rng.random(draws) < chance, rng.random(draws) < SECOND_SHOWER * chance):
        start, length = rng.uniform(-0.3, 1, draws) * laps, rng.exponential(SHOWER_LAPS, draws)
        amount = rng.gamma(*INTENSITY, draws)
        inside = (lap >= start[:, None]) & (lap < (start + length)[:, None]) & happens[:, None]
        falls += inside * amount[:, None]
    return falls


def wetness(falls: np.ndarray) -> np.ndarray:
    """Return how wet the track is on each lap, 0 to 1, from what falls (draws x laps)."""
    wet = np.zeros_like(falls)
    level = 4 * falls[:, 0]  # rain before the start
    for lap in range(falls.shape[1]):
        level = np.clip(level + falls[:, lap] - DRIES, 0, 1)
        wet[:, lap] = level
    return wet


def forecasts(day: Day, rng: np.random.Generator) -> list[tuple[int, float, float]]:
    """Return (hours ahead, chance of rain, air temperature) as published before a race."""
    logit = np.log(day.rain / (1 - day.rain))
    return [
        (lead, float(1 / (1 + np.exp(-logit - rng.normal(0, rain_sd)))), day.air + float(rng.normal(0, air_sd)))
        for lead, (rain_sd, air_sd) in LEADS.items()
    ]
