"""Does the model answer in time? One 22-car race, asked over and over in this process; the slow tail decides."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter, sleep

import numpy as np
import pandas as pd

from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "latency"
CARS = 22
WARM_UP = 20
CALLS = 200


def _check(candidate: Candidate) -> list[Verdict]:
    race = one_race(candidate.frame)
    for _ in range(WARM_UP):
        candidate.positions(race)
    seconds = np.empty(CALLS)
    for call in range(CALLS):
        start = perf_counter()
        candidate.positions(race)
        seconds[call] = perf_counter() - start
    median, slow = (1000 * float(value) for value in np.quantile(seconds, [0.5, 0.99]))
    limit = candidate.params.gates.latency_ms
    reason = f"median {median:.1f} ms, 99th percentile {slow:.1f} ms over {CALLS} races of {CARS} cars"
    return [Verdict(NAME, slow <= limit, slow, limit, "ms", reason)]


def one_race(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the newest rows of a frame as one race of 22 cars; a shorter frame is repeated."""
    newest = frame.tail(CARS)
    repeated = newest.iloc[np.arange(CARS) % len(newest)].reset_index(drop=True)
    return repeated.assign(race_id=int(newest["race_id"].iloc[-1]), driver_id=np.arange(1, CARS + 1))


def _slow(good: Candidate) -> Candidate:
    def positions(frame: pd.DataFrame) -> np.ndarray:
        sleep(0.002)
        return good.positions(frame)

    limits = good.params.gates.model_copy(update={"latency_ms": 1.0})
    return replace(good, positions=positions, params=good.params.model_copy(update={"gates": limits}))


GATE = Gate(NAME, "Answers in time: the 99th percentile for one race is below the limit", _check, _slow)
