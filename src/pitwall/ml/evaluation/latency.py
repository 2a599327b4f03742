"""How fast a model answers, in one fixed harness: what a run reports and what the latency gate judges are one measurement.

The rows of one race (22 cars, or what the row kind says) are asked over and over in this process. What else the machine does only ever slows an answer down: the time
in which the answer was ready to go on and other programs had the processor is no time of the model's (Linux counts it, elsewhere it stays in), and of a few rounds the
quietest one counts. Throughput is rows per second over many races in one call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.ml.rows import RowKind

Answer = Callable[[pd.DataFrame], object]
WARM_UP = 20
ROUNDS = 3
CALLS = 100  # a round
RACES = 50  # of the call that throughput is measured on
SCHEDULED = Path("/proc/thread-self/schedstat")  # of this thread: ns on a processor, ns waiting for one, turns


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


def measure(answer: Answer, frame: pd.DataFrame, kind: RowKind, calls: int = CALLS) -> Latency:
    """Return how fast a model answers.

    Args:
        answer: the model: rows of whole races -> answers.
        frame: the model's frame; its newest rows are asked.
        kind: of its rows.
        calls: of one race in each of three rounds.
    """
    race = one_race(frame, kind)
    for _ in range(min(WARM_UP, calls)):
        answer(race)
    rounds = [np.quantile(_milliseconds(answer, race, calls), [0.5, 0.95, 0.99]) for _ in range(ROUNDS)]
    median, slow, slowest = min(rounds, key=lambda each: float(each[2])).tolist()
    many = frame[frame["race_id"].isin(frame["race_id"].unique()[-RACES:])]
    seconds = _milliseconds(answer, many, ROUNDS).min() / 1000
    asked = f"races of {kind.asked} {kind.nouns[1]}" if kind.asked > 1 else kind.nouns[1]
    harness = f"quietest of {ROUNDS} rounds of {calls} {asked}; throughput over {many['race_id'].nunique()} races"
    return Latency(median, slow, slowest, len(many) / seconds, harness)


def one_race(frame: pd.DataFrame, kind: RowKind) -> pd.DataFrame:
    """Return the newest rows of a frame as those of one race, as many as are asked at once; a shorter frame is repeated."""
    newest = frame.tail(kind.asked)
    rows = newest.iloc[np.arange(kind.asked) % len(newest)].reset_index(drop=True)
    numbers = {name: np.arange(1, kind.asked + 1) for name in kind.own[:1]}  # so that no two rows have one key
    return rows.assign(**{BLOCK: int(newest[BLOCK].iloc[-1]), **numbers})


def _milliseconds(answer: Answer, rows: pd.DataFrame, calls: int) -> np.ndarray:
    times = np.empty(calls)
    with waiting() as waited_ms:
        for call in range(calls):
            start, before = perf_counter(), waited_ms()
            answer(rows)
            waited = waited_ms() - before  # within what is timed, so that no more is taken off than went by
            times[call] = 1000 * (perf_counter() - start) - waited
    return times


@contextmanager
def waiting() -> Iterator[Callable[[], float]]:
    """Yield what tells for how long this thread has waited for a processor that other programs had, in ms; 0 where the system does not count it."""
    if not SCHEDULED.exists():
        yield lambda: 0.0
        return
    with SCHEDULED.open("rb", buffering=0) as counted:
        yield lambda: int(os.pread(counted.fileno(), 128, 0).split()[1]) / 1e6
