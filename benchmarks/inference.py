"""What an answer costs beside the bare library: every learned estimator of yes or no, of a number and of an order, one race at a time.

Ours is `answer(frame)`: columns out of the frame, the score, calibration, quantiles or places, a frame again. The peer is the library's own
call for the same scores on an array that is made already, which is the least that anybody must do; for scikit-learn the library's own
forest, for a net PyTorch's own forward pass, for a line NumPy's product. Both are called in turn, in pairs, in several rounds; a
percentile is that of a round, the median over rounds is told, and the ratio is of the two medians. Beside the time that passed stands the
processor's time of all threads (its median), which other work on the machine does not lengthen. `--json FILE` writes rows {work,
subject, value, unit, peer, ratio}; `--small` makes few pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter, process_time
from typing import Any

import _bare as bare
import numpy as np
import pandas as pd
from _report import Row, options, report

from pitwall.ml.estimators import FitInput, Fitted, estimators
from pitwall.ml.rows import feature_columns
from pitwall.testing.worlds.answers import WORLDS

CARS = 20
RACES = 60
ROUNDS, PAIRS = 9, 60
SMALL_ROUNDS, SMALL_PAIRS = 3, 8
WALL, CPU = 0, 1
PERCENTILES = {"p50": (WALL, 50), "p99": (WALL, 99), "CPU p50": (CPU, 50)}
FAMILIES = ("binary", "regression", "order")
Call = Callable[[], object]


def subjects() -> Iterator[tuple[str, str, Call, Call]]:
    """Yield family, name, our call and the bare library's for every estimator that has a library to be compared with."""
    for family in FAMILIES:
        world = WORLDS[family](RACES, CARS)
        race = world.frame[world.frame["race_id"] == world.frame["race_id"].max()].reset_index(drop=True)
        for name, plugin in estimators(family).items():
            make = bare.PEERS.get((family, name))
            if make is None:
                continue
            columns = list(plugin.needs or feature_columns(world.frame))
            spine = [each for each in world.frame.columns if each not in feature_columns(world.frame)]
            frame, asked = (part[[*spine, *columns]] for part in (world.frame, race))
            fitted = plugin.fit(FitInput(frame, world.outcome, plugin.default(), 7))
            yield family, name, _answers(fitted, asked), make(fitted, asked)


def _answers(fitted: Fitted, frame: pd.DataFrame) -> Call:
    return lambda: fitted.answer(frame)


def alternating(ours: Call, theirs: Call, rounds: int, pairs: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the percentiles of both in milliseconds, each the median over rounds of pairs."""
    for call in (ours, theirs) * 3:
        call()
    times = np.array([[_pair(ours, theirs, turn) for turn in range(pairs)] for _ in range(rounds)])
    told = [
        {
            name: float(np.median(np.percentile(times[:, :, which, clock], at, axis=1)))
            for name, (clock, at) in PERCENTILES.items()
        }
        for which in (0, 1)
    ]
    return told[0], told[1]


def _pair(ours: Call, theirs: Call, turn: int) -> list[list[float]]:
    """Return the milliseconds of one call of each, by both clocks; who goes first changes with the turn."""
    found = dict[bool, list[float]]()
    for mine in (True, False) if turn % 2 else (False, True):
        started = perf_counter(), process_time()
        (ours if mine else theirs)()
        ended = perf_counter(), process_time()
        found[mine] = [1000 * (after - before) for before, after in zip(started, ended, strict=True)]
    return [found[True], found[False]]


def measure(rounds: int, pairs: int) -> list[Row]:
    """Return a row per estimator and percentile."""
    rows: list[Row] = []
    for family, name, ours, theirs in subjects():
        own, other = alternating(ours, theirs, rounds, pairs)
        for each in PERCENTILES:
            rows.append(
                {
                    "work": f"an answer about one race of {CARS} cars, {rounds} rounds of {pairs} pairs",
                    "subject": f"{family} {name} {each}",
                    "value": round(own[each], 3),
                    "unit": "ms",
                    "peer": f"bare library {other[each]:.3f} ms",
                    "ratio": round(own[each] / other[each], 2),
                }
            )
    return rows


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    chosen: Any = options(__doc__, "few pairs, to see that it runs").parse_args(arguments)
    rows = measure(SMALL_ROUNDS, SMALL_PAIRS) if chosen.small else measure(ROUNDS, PAIRS)
    report(rows, chosen.json)


if __name__ == "__main__":
    main()
