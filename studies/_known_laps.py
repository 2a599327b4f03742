"""Laps whose distribution is known: what studies/coverage.py asks models about.

A lap takes the level of its circuit, what the car, the fuel and a push that some drivers make take off it (a step, which no line can
follow), what all laps of the day share, and noise with heavy tails that grows with the gusts of the day. Features tell the last lap, the
median of five, push, gusts and fuel; a tenth of the pushes is not known. Nobody is told the day's shift or the noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Labelled

CARS, LAPS = 12, 10
PER_SEASON = 20
TAIL = 5.0  # degrees of freedom of the noise
DAY = 0.05  # seconds of spread that a day's laps share


@dataclass(frozen=True)
class Kind:
    """Races that differ in one way.

    Attributes:
        name: for people.
        noise: by how much the noise is larger, which no feature tells.
        push: what a push takes off, in seconds; another circuit may reward it otherwise.
    """

    name: str = "as in training"
    noise: float = 1.0
    push: float = 0.5


USUAL = Kind()
WET = replace(USUAL, name="wet, which no feature tells", noise=2.0)
NEW = replace(USUAL, name="a circuit where a push costs time", push=-0.5)


def known_laps(races: int, seed: int, kind: Kind = USUAL, first: int = 0) -> Labelled:
    """Return laps and how long they took.

    Args:
        races: how many races, of `CARS` cars and `LAPS` laps.
        seed: of all that is drawn.
        kind: of races.
        first: number of the first race; races after it lie later in the calendar.
    """
    random = np.random.default_rng([seed, first])
    numbers = [range(first + 1, first + races + 1), range(1, CARS + 1), range(2, LAPS + 2)]
    frame = pd.MultiIndex.from_product(numbers, names=["race_id", "driver_id", "lap"]).to_frame(index=False)
    race, count = frame["race_id"].to_numpy(), len(frame)
    frame = frame.assign(constructor_id=frame["driver_id"] // 2, circuit_id=race % 9)
    frame = frame.assign(season=2018 + (race - 1) // PER_SEASON, round=(race - 1) % PER_SEASON + 1)
    frame["cutoff"] = pd.Timestamp("2018-01-01", tz="UTC") + pd.to_timedelta(race * 7, unit="D")
    fuel = 1.0 - frame["lap"].to_numpy() / (LAPS + 2)
    pace = 70.0 + 3.0 * (race % 9) + 0.1 * frame["driver_id"].to_numpy() + 0.8 * fuel
    pushed, gusts = random.random(count) < 0.4, random.uniform(0, 1, count)
    day = random.normal(0, DAY, races)[race - first - 1]
    noise = kind.noise * (0.1 + 0.5 * gusts) * random.standard_t(TAIL, count)
    value = pace + day - kind.push * pushed * (1.0 + fuel) + noise
    frame["green_last_s"] = pace + random.normal(0, 0.4, count)
    frame["green_median_5"] = np.where(random.random(count) < 0.05, np.nan, pace + random.normal(0, 0.15, count))
    frame["pushed"] = np.where(random.random(count) < 0.1, np.nan, pushed)
    return frame.assign(gusts=gusts, fuel=fuel), pd.DataFrame({"value": value})
