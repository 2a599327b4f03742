"""What an answer costs beside the bare library: every learned estimator of every family, one race at a time.

Ours is `answer(frame)` of a loaded model, which a server calls: columns out of the frame, the score, calibration, quantiles, curves
or places, a frame again. The peer is the
library's own call for the same scores on an array that is made already, which is the least that anybody must do; for scikit-learn the
library's own trees, for a net PyTorch's own forward pass, for a line NumPy's product. Both are called in turn, in pairs, in several
rounds; a percentile is that of a round, the median over rounds is told, and the ratio is of the two medians. Beside the time that passed
stands the processor's time of all threads, which other work on the machine does not lengthen: nobody waits or takes more than one
thread, so on a machine that does nothing else both say the same, and a page shows this one. An estimator that no library answers for
(a logit of orders, a mean of other models) is timed alone. `--json FILE` writes rows {work, subject, value, unit, peer, ratio};
`--docs PAGE` puts tables into a page; `--before FILE`, rows of an earlier version by the same command, adds what has changed since: each time in
units of its own run's peer, so that another hour's machine says little; `--small` makes few pairs on models of fewer races.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from _bare import peer
from _report import Row, options, report
from threadpoolctl import threadpool_limits

from pitwall.ml.estimators import FitInput, estimators
from pitwall.ml.estimators.regression.lap_sequence import ESTIMATOR as LAP_SEQUENCE
from pitwall.ml.estimators.regression.lap_sequence import LAPS
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.rows import feature_columns
from pitwall.report.content.markdown import table_lines
from pitwall.testing.pages import put_table
from pitwall.testing.worlds.answers import WORLDS

CARS = 20
RACES, SMALL_RACES = 60, 30
ROUNDS, PAIRS = 9, 60
SMALL_ROUNDS, SMALL_PAIRS = 2, 5
WALL, CPU = 0, 1
PERCENTILES = {"p50": (WALL, 50), "p99": (WALL, 99), "CPU p50": (CPU, 50), "CPU p99": (CPU, 99)}
SHOWN = {"p50": "CPU p50", "p99": "CPU p99"}  # in a page, by its heads
MODELS = {  # of each family one, whose rows are those of the drawn races
    "binary": "dnf",
    "multiclass": "rain_impact",
    "regression": "gap_finish",
    "curve": "tyre_degradation",
    "survival": "stint_length",
    "order": "order",
}
Call = Callable[[], object]
Times = dict[str, float]


@dataclass(frozen=True)
class Measured:
    """The percentiles of an estimator's answer and of the bare library's call, None where no library has one; in milliseconds."""

    family: str
    name: str
    ours: Times
    bare: Times | None


def subjects(races: int) -> Iterator[tuple[str, str, Call, Call | None]]:
    """Yield family, name, our call and the bare library's for every estimator that is no rule."""
    for family, model in MODELS.items():
        world = WORLDS[family](races, CARS)
        for name, plugin in estimators(family).items():
            if plugin.role != "model":
                continue
            frame = _with_laps(world.frame) if plugin is LAP_SEQUENCE else world.frame
            columns = list(plugin.needs or feature_columns(frame))
            spine = [each for each in frame.columns if each not in feature_columns(frame)]
            frame = frame[[*spine, *columns]]
            asked = frame[frame["race_id"] == races].reset_index(drop=True)
            recipe = Recipe(model, name, tuple(columns), plugin.default(), 7, "pre_race")
            fitted = plugin.fit(FitInput(frame, world.outcome, plugin.default(), 7))
            yield family, name, partial(FittedModel(recipe, fitted).answer, asked), peer(family, name, fitted, asked)


def _with_laps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with a car's last laps, which drawn races do not have."""
    laps = np.random.default_rng(0).normal(size=(len(frame), len(LAPS)))
    return frame.assign(**dict(zip(LAPS, laps.T, strict=True)), stint_green_laps=3.0)


def alternating(ours: Call, theirs: Call | None, rounds: int, pairs: int) -> tuple[Times, Times | None]:
    """Return the percentiles of both in milliseconds, each the median over rounds of pairs."""
    other = theirs or (lambda: None)
    with threadpool_limits(1):
        for call in (ours, other) * 3:
            call()
        times = np.array([[_pair(ours, other, turn) for turn in range(pairs)] for _ in range(rounds)])
    own, bare = (
        {
            name: float(np.median(np.percentile(times[:, :, which, clock], at, axis=1)))
            for name, (clock, at) in PERCENTILES.items()
        }
        for which in (0, 1)
    )
    return own, bare if theirs else None


def _pair(ours: Call, theirs: Call, turn: int) -> list[list[float]]:
    """Return the milliseconds of one call of each, by both clocks; who goes first changes with the turn."""
    found = dict[bool, list[float]]()
    for mine in (True, False) if turn % 2 else (False, True):
        started = perf_counter(), process_time()
        (ours if mine else theirs)()
        ended = perf_counter(), process_time()
        found[mine] = [1000 * (after - before) for before, after in zip(started, ended, strict=True)]
    return [found[True], found[False]]


def rows_of(found: list[Measured], rounds: int, pairs: int) -> list[Row]:
    """Return a row per estimator and percentile."""
    return [
        {
            "work": f"an answer about one race of {CARS} cars, {rounds} rounds of {pairs} pairs",
            "subject": f"{each.family} {each.name} {at}",
            "value": round(each.ours[at], 3),
            "unit": "ms",
            "peer": f"bare library {each.bare[at]:.3f} ms" if each.bare else "no library's own",
            "ratio": round(each.ours[at] / each.bare[at], 2) if each.bare else None,
        }
        for each in found
        for at in PERCENTILES
    ]


def tables(found: list[Measured]) -> str:
    """Return both tables of a page: who stands beside a library, and who stands alone."""
    beside = [
        [*_named(each), *(cell for at in SHOWN.values() for cell in _beside(each.ours[at], each.bare[at]))]
        for each in found
        if each.bare
    ]
    alone = [[*_named(each), *(f"{each.ours[at]:.2f}" for at in SHOWN.values())] for each in found if not each.bare]
    heads = [head for at in SHOWN for head in (f"ours {at}, ms", "bare library", "beside it")]
    both = (
        table_lines(["family", "estimator", *heads], beside),
        ["", "No library has a call of its own for what these say:", ""],
        table_lines(["family", "estimator", *(f"ours {at}, ms" for at in SHOWN)], alone),
    )
    return "\n".join(line for lines in both for line in lines)


def changes(rows: list[Row], before: list[Row]) -> str:
    """Return the table of what has changed since an earlier run: each estimator's usual answer, then and now."""
    usual = {row["subject"]: row for row in before if row["subject"].endswith(SHOWN["p50"])}
    lines = []
    for row in rows:
        if (then := usual.get(row["subject"])) is None:
            continue
        family, name = row["subject"].removesuffix(SHOWN["p50"]).split()
        beside = [_times(each["ratio"]) if each["ratio"] else "" for each in (then, row)]
        times = [f"{then['value']:.2f}", beside[0], f"{row['value']:.2f}", beside[1]]
        lines.append([family, f"`{name}`", *times, f"{then['value'] / row['value']:.1f} x"])
    heads = ["before p50, ms", "beside the library", "now p50, ms", "beside the library", "quicker by"]
    return "\n".join(table_lines(["family", "estimator", *heads], lines))


def _named(each: Measured) -> tuple[str, str]:
    return each.family, f"`{each.name}`"


def _beside(ours: float, bare: float) -> tuple[str, str, str]:
    return f"{ours:.2f}", f"{bare:.3f}", _times(ours / bare)


def _times(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.2g} x"


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "few pairs, to see that it runs")
    parser.add_argument("--docs", type=Path, metavar="PAGE", help="put the tables between their marks in a page")
    parser.add_argument("--before", type=Path, metavar="FILE", help="rows that --json wrote of an earlier version")
    chosen: Any = parser.parse_args(arguments)
    races, *counts = (SMALL_RACES, SMALL_ROUNDS, SMALL_PAIRS) if chosen.small else (RACES, ROUNDS, PAIRS)
    found = [
        Measured(family, name, *alternating(ours, theirs, *counts)) for family, name, ours, theirs in subjects(races)
    ]
    rows = rows_of(found, *counts)
    report(rows, chosen.json)
    if chosen.docs:
        put_table(chosen.docs, "inference", tables(found))
    if chosen.docs and chosen.before:
        put_table(chosen.docs, "inference before", changes(rows, json.loads(chosen.before.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
