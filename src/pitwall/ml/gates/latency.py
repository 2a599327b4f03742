"""Does the model answer in time? One 22-car race, asked over and over in this process; the slow tail decides.

Flows ask the gates one after the other, so that no gate is measured while another one works. What else the machine does
only ever slows an answer down, so of a few rounds the quietest one counts.
"""

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
ROUNDS = 3
CALLS = 100  # a round


def _check(candidate: Candidate) -> list[Verdict]:
    race = one_race(candidate.frame)
    for _ in range(WARM_UP):
        candidate.positions(race)
    rounds = [_milliseconds(candidate, race) for _ in range(ROUNDS)]
    median, slow = min((np.quantile(each, [0.5, 0.99]) for each in rounds), key=lambda pair: float(pair[1])).tolist()
    limit = candidate.params.gates.latency_ms
    reason = f"median {median:.1f} ms, 99th percentile {slow:.1f} ms in the quietest of {ROUNDS} rounds of {CALLS} races of {CARS} cars"
    return [Verdict(NAME, slow <= limit, slow, limit, "ms", reason)]


def _milliseconds(candidate: Candidate, race: pd.DataFrame) -> np.ndarray:
    times = np.empty(CALLS)
    for call in range(CALLS):
        start = perf_counter()
        candidate.positions(race)
        times[call] = 1000 * (perf_counter() - start)
    return times


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
