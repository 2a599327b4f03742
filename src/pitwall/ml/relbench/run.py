"""Answer tasks in processes of their own and score what has labels."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.data.splits import read_split
from pitwall.ml.relbench.features.tick import Array
from pitwall.ml.relbench.protocol import OURS, Questions, answers, predict
from pitwall.ml.relbench.scores import gain, interval, resampled
from pitwall.ml.relbench.tasks import CUTOFFS, Task, task
from pitwall.ml.search.workers import spread

DUMP = "ergast"
Row = dict[str, object]


@dataclass(frozen=True)
class Asked:
    """What is to be answered.

    Attributes:
        data: folder that holds `ergast` and `rel_f1`.
        protocol: rolling or frozen.
        tasks: names.
        splits: val, test or both.
        beside: rules that answer, too.
        laps: lap times may be read, which the benchmark's own database lacks.
    """

    data: Path
    protocol: str
    tasks: tuple[str, ...]
    splits: tuple[str, ...] = ("val", "test")
    beside: tuple[str, ...] = ()
    laps: bool = False


@dataclass(frozen=True)
class Answered:
    """One task's answers by one answerer: per split the benchmark's table with `prediction`; seconds by the clock and of the processor."""

    task: Task
    name: str
    tables: dict[str, pd.DataFrame]
    seconds: float
    cpu_seconds: float


def answer(asked: Asked, workers: int | None = None) -> list[Answered]:
    """Answer all tasks, ours and what was asked for beside, one process per task and answerer.

    Args:
        asked: what.
        workers: processes; None for the cores, 0 for none beside this one.

    Raises:
        SourceError: a file is missing or is none of the expected form.
    """
    jobs = [(name, who) for who in (OURS, *asked.beside) for name in asked.tasks]
    return spread(partial(_answer, asked), jobs, workers)


def _answer(asked: Asked, job: tuple[str, str]) -> Answered:
    (name, who), started, worked = job, time.perf_counter(), time.process_time()
    of, says = task(name), answers(task(name), who)
    history = load(asked.data / DUMP, laps=asked.laps)
    tables = {}
    for split in sorted(asked.splits, key=list(CUTOFFS).index):
        rows = read_split(asked.data, name, of.target, split)
        said = predict(history, Questions(of, split, asked.protocol, rows), says)
        tables[split] = rows.assign(prediction=said)
    spent = (round(now() - then, 1) for now, then in ((time.perf_counter, started), (time.process_time, worked)))
    return Answered(of, who, tables, *spent)


def scores(answered: Sequence[Answered]) -> list[Row]:
    """Return a row per answerer of what has labels: metric with interval, and what ours gains over it on the same draws of ticks."""
    rows: list[Row] = []
    for of in dict.fromkeys(each.task for each in answered):
        drawn: dict[str, tuple[float, Array]] = {}
        for each in answered:
            if each.task == of and "val" in each.tables:
                table = each.tables["val"]
                label, said = (table[name].to_numpy(dtype=np.float64) for name in (of.target, "prediction"))
                drawn[each.name] = resampled(of, table["date"], label, said)
                found = interval(*drawn[each.name], table["date"].nunique())
                row: Row = {
                    "task": of.name,
                    "split": "val",
                    "metric": of.metric,
                    "name": each.name,
                    "rows": len(table),
                    **found.row(),
                }
                if each.name != OURS:
                    row["gain"] = gain(of, drawn[OURS], drawn[each.name], table["date"].nunique()).row()
                rows.append(row)
    return rows
