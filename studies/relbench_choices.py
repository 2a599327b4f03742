"""What is each part of the answers to RelBench's tasks worth? On windows before validation, where all choices were made.

    python studies/relbench_choices.py [--data FOLDER] [--small] [--json FILE] [--docs docs/relbench.md]

Asks the benchmark's questions of 2002 to 2004 under the rolling rule, of those who have a line in each window, and answers them with the
blend, with each of its members alone, and with its line from which parts are taken away: the ratings, the ranks among the drivers of a
tick, the season's phase, the denser samples. Members are held against the blend, parts against the line, on the same draws of seed times. `--small` uses a tiny generated world.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _report import markdown, options, report
from scipy.stats import rankdata

from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.data.history import History, Known
from pitwall.ml.relbench.features.table import Features
from pitwall.ml.relbench.features.tick import Array, Tick
from pitwall.ml.relbench.learning.blend import MEMORY, Blend
from pitwall.ml.relbench.learning.members import Line
from pitwall.ml.relbench.learning.samples import Sample, Samples
from pitwall.ml.relbench.protocol import ROLLING, Questions, predict
from pitwall.ml.relbench.run import DUMP
from pitwall.ml.relbench.scores import gain, interval, resampled
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS, Task, task
from pitwall.ml.search.workers import spread
from pitwall.testing.worlds.relbench import write_tiny_relbench

SINCE = pd.Timestamp("2002-01-01")
SINCE_SMALL = pd.Timestamp("2004-07-01")
MEMBERS = ("the line alone", "the trees alone", "the fine line alone")
BLEND, LINE = "the blend", MEMBERS[0]
SPARSE = "the line, no denser samples: one a window"
RATINGS = ("finish_", "classified_", "pace_", "grid_", "gap_", "joint_")
WITHOUT: dict[str, Callable[[str], bool]] = {
    "the line, no ratings": lambda name: name.startswith(RATINGS),
    "the line, no ranks or places among the tick's drivers": lambda name: name.endswith(("_rank", "_place")),
    "the line, no season's phase, no years before": lambda name: name.startswith(("races_", "field_", "round", "winter", "day_of")) or name.endswith("_then"),
}  # fmt: skip


def questions(history: History, of: Task, since: pd.Timestamp) -> pd.DataFrame:
    """Return the benchmark's windows before validation: date, driverId, label."""
    known, parts, seed = history.before(CUTOFFS["val"]), [], CUTOFFS["val"] - of.window
    while seed >= since:
        true = of.outcomes(known, seed)["label"]
        parts.append(pd.DataFrame({"date": seed, "driverId": true.index.to_numpy(), "label": true.to_numpy()}))
        seed -= of.window
    return pd.concat([part for part in reversed(parts) if len(part)], ignore_index=True)


def answered(data: Path, since: pd.Timestamp, name: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the score of each variant on one task; all read the same samples."""
    of, history = task(name), load(data / DUMP)
    asked, features = questions(history, of, since), Features(of.window)
    samples, said = Samples(of, features), {}

    def answer(known: Known, tick: Tick) -> Array:
        sample, rows = samples.of(known, pd.Timedelta(0)), features.of(known, tick)
        blend = Blend(sample, yes_or_no=of.yes_or_no)
        found = {BLEND: blend.predict(rows.to_numpy())}
        for member, model in zip(MEMBERS, blend.members, strict=False):
            found[member] = model.says(rows.to_numpy())
        for label, gone in WITHOUT.items():
            kept = np.array([not gone(column) for column in rows])
            found[label] = _line(sample, of, kept).says(rows.to_numpy()[:, kept])
        found[SPARSE] = _line(_sparse(sample, of), of, np.ones(rows.shape[1], dtype=bool)).says(rows.to_numpy())
        said[tick.seed] = found
        return found[BLEND]

    predict(history, Questions(of, "val", ROLLING, asked), answer)
    variants = list(next(iter(said.values())))
    scored = {each: np.concatenate([said[seed][each] for seed in sorted(said)]) for each in variants}
    return name, _rows(of, asked, scored)


def _line(sample: Sample, of: Task, kept: np.ndarray) -> Line:
    """Return the blend's line on some columns."""
    return Line(sample.features[:, kept], sample.label, np.exp(-sample.age / MEMORY), yes_or_no=of.yes_or_no)


def _sparse(sample: Sample, of: Task) -> Sample:
    """Return as few samples as the benchmark's own table has: the newest of each window."""
    ages = np.unique(sample.age)
    kept = ages[np.unique((ages - ages[0]) // of.days, return_index=True)[1]]
    rows = np.isin(sample.age, kept)
    return Sample(sample.features[rows], sample.label[rows], sample.fine[rows], sample.age[rows])


def _rows(of: Task, asked: pd.DataFrame, scored: dict[str, Array]) -> list[dict[str, Any]]:
    drawn = {
        name: resampled(of, asked["date"], asked["label"].to_numpy(), rankdata(said) if of.yes_or_no else said)
        for name, said in scored.items()
    }
    ticks = asked["date"].nunique()
    return [
        {"variant": name, **interval(*each, ticks).row(), "worse": gain(of, drawn[_beside(name)], each, ticks).row()}
        for name, each in drawn.items()
    ]


def _beside(variant: str) -> str:
    return LINE if variant in {*WITHOUT, SPARSE} else BLEND


def table(found: Sequence[tuple[str, Sequence[dict[str, Any]]]]) -> list[dict[str, str]]:
    """Return a line per variant, two columns per task."""
    lines: dict[str, dict[str, str]] = {}
    for name, rows in found:
        for row in rows:
            line = lines.setdefault(row["variant"], {"": row["variant"]})
            line[f"{name}, {TASKS[name].metric}"] = f"{row['value']:.3f}"
            shown = row["worse"]
            line[f"worse by ({name})"] = (
                "" if row["variant"] == BLEND else f"{shown['value']:.3f} ({shown['low']:.3f} to {shown['high']:.3f})"
            )
    columns = list(dict.fromkeys(column for line in lines.values() for column in line))
    return [{column: line.get(column, "") for column in columns} for line in lines.values()]


def _parser() -> argparse.ArgumentParser:
    parser = options(__doc__, "a tiny generated world, one task: only to see that it runs")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("PITWALL_REAL_DATA", "../shared/data")))
    parser.add_argument("--workers", type=int, help="processes; default: cores")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Answer, score, print the table."""
    chosen = _parser().parse_args(arguments)
    if not chosen.small and not (chosen.data / DUMP).is_dir():
        print(f"SKIPPED: no {DUMP} at {chosen.data}; give a folder that holds it as --data, or ask for --small.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        data = write_tiny_relbench(Path(scratch)) if chosen.small else chosen.data
        names, since = (["driver-dnf"], SINCE_SMALL) if chosen.small else (list(TASKS), SINCE)
        found = spread(partial(answered, data, since), names, 0 if chosen.small else chosen.workers)
    report("relbench_choices", markdown(table(found)), {"rows": dict(found)}, chosen)


if __name__ == "__main__":
    main()
