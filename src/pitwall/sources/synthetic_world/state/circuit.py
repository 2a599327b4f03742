"""The circuits of the synthetic world: what a lap is like, how races go there, and what weather to expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.sources.synthetic_world.state.names import COUNTRIES, PLACES

RACE_SECONDS = 5400.0  # a race is as many laps as fit into an hour and a half
RAIN = (0.9, 5.2)  # Beta of a circuit's chance of rain on a race day: 15 % on average
HOURS = (5, 12, 13, 13, 13, 14, 15, 19)


@dataclass(frozen=True)
class Circuit:
    """A circuit.

    Attributes:
        number: its id, from 1.
        name: of the place.
        country: where it lies.
        lat: degrees.
        lng: degrees.
        alt: metres.
        hour: at which races start, UTC.
        lap: seconds of a fast lap in the dry.
        laps: of a race.
        sectors: shares of the three sectors in a lap.
        power: from -1 (downforce) to 1 (power).
        overtaking: difficulty; seconds per lap of advantage with which two of three tries to pass succeed.
        pit_lane: seconds through the pit lane at the usual speed of the crews.
        abrasion: factor on tyre wear.
        danger: factor on accidents and on safety cars.
        rain: chance of rain on a race day.
        air: mean air temperature, C.
    """

    number: int
    name: str
    country: str
    lat: float
    lng: float
    alt: int
    hour: int
    lap: float
    laps: int
    sectors: tuple[float, float, float]
    power: float
    overtaking: float
    pit_lane: float
    abrasion: float
    danger: float
    rain: float
    air: float


def circuits(rng: np.random.Generator) -> list[Circuit]:
    """Return one circuit per place name."""
    return [_circuit(number, place.replace("-", " "), rng) for number, place in enumerate(PLACES, start=1)]


def _circuit(number: int, name: str, rng: np.random.Generator) -> Circuit:
    lap = float(rng.uniform(68, 104))
    shares = rng.dirichlet((60, 76, 64))
    lat = round(float(rng.uniform(-38, 60)), 4)
    return Circuit(
        number=number,
        name=name,
        country=COUNTRIES[int(rng.integers(len(COUNTRIES)))],
        lat=lat,
        lng=round(float(rng.uniform(-120, 150)), 4),
        alt=int(rng.integers(0, 900)),
        hour=int(rng.choice(HOURS)),
        lap=lap,
        laps=round(RACE_SECONDS / lap),
        sectors=(float(shares[0]), float(shares[1]), float(shares[2])),
        power=float(rng.uniform(-1, 1)),
        overtaking=float(rng.lognormal(np.log(1.4), 0.45)),
        pit_lane=float(rng.uniform(19.5, 28)),
        abrasion=float(rng.lognormal(0, 0.2)),
        danger=float(rng.lognormal(-0.1, 0.45)),
        rain=float(rng.beta(*RAIN)),
        air=float(30 - 0.2 * abs(lat) + rng.normal(0, 3)),
    )
