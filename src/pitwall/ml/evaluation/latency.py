"""How fast a model answers, in one fixed harness: what a run reports and what the latency gate judges are one measurement.

One 22-car race is asked over and over in this process. What else the machine does only ever slows an answer down, so of a
few rounds the quietest one counts. Throughput is rows per second over many races in one call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd

CARS = 22
WARM_UP = 20
ROUNDS = 3
CALLS = 100  # a round
RACES = 50  # of the call that throughput is measured on


@dataclass(frozen=True)
class Latency:
    """Milliseconds for one race (median, 95th and 99th percentile), rows per second for many, and how it was measured."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    rows_per_s: float
    harness: str

    def metrics(self) -> dict[str, float]:
        """Return the numbers as metrics of a run."""
        names = ("p50_ms", "p95_ms", "p99_ms", "rows_per_s")
        return {f"inference.{name}": round(getattr(self, name), 3) for name in names}

    def tags(self) -> dict[str, str]:
        """Return the numbers as tags of a model version."""
        return {
            "latency_ms": f"{self.p50_ms:.2f}",
            "latency_p99_ms": f"{self.p99_ms:.2f}",
            "rows_per_s": f"{self.rows_per_s:.0f}",
        }


def measure(positions: Callable[[pd.DataFrame], np.ndarray], frame: pd.DataFrame, calls: int = CALLS) -> Latency:
    """Return how fast a model answers.

    Args:
        positions: the model: rows of whole races -> rows x places.
        frame: the model's frame; its newest rows are asked.
        calls: of one race in each of three rounds.
    """
    race = one_race(frame)
    for _ in range(min(WARM_UP, calls)):
        positions(race)
    rounds = [np.quantile(_milliseconds(positions, race, calls), [0.5, 0.95, 0.99]) for _ in range(ROUNDS)]
    median, slow, slowest = min(rounds, key=lambda each: float(each[2])).tolist()
    many = frame[frame["race_id"].isin(frame["race_id"].unique()[-RACES:])]
    seconds = _milliseconds(positions, many, ROUNDS).min() / 1000
    harness = f"quietest of {ROUNDS} rounds of {calls} races of {CARS} cars; throughput over {many['race_id'].nunique()} races"
    return Latency(median, slow, slowest, len(many) / seconds, harness)


def one_race(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the newest rows of a frame as one race of 22 cars; a shorter frame is repeated."""
    newest = frame.tail(CARS)
    repeated = newest.iloc[np.arange(CARS) % len(newest)].reset_index(drop=True)
    return repeated.assign(race_id=int(newest["race_id"].iloc[-1]), driver_id=np.arange(1, CARS + 1))


def _milliseconds(positions: Callable[[pd.DataFrame], np.ndarray], rows: pd.DataFrame, calls: int) -> np.ndarray:
    times = np.empty(calls)
    for call in range(calls):
        start = perf_counter()
        positions(rows)
        times[call] = 1000 * (perf_counter() - start)
    return times
