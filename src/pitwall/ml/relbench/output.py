"""Write answers: a parquet per task, the benchmark's own CSV beside it, and what they are made of as JSON.

The test's files lie in the folder itself, those of validation in `val` below it.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from pitwall import __version__
from pitwall.domain.files import write_atomically
from pitwall.ml.relbench.data.dump import files_of
from pitwall.ml.relbench.data.splits import split_file
from pitwall.ml.relbench.protocol import OURS, PROTOCOLS
from pitwall.ml.relbench.run import DUMP, Answered, Asked, Row
from pitwall.ml.relbench.tasks import DATASET

LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "lightgbm")
FACTS = "relbench.json"


def write(out: Path, asked: Asked, answered: Sequence[Answered], scored: Sequence[Row], seconds: float) -> list[Path]:
    """Write everything below a folder; return the files.

    Args:
        out: the folder.
        asked: what was asked.
        answered: by ours and others; files are written of ours alone.
        scored: rows of `run.scores`.
        seconds: that all of it took.
    """
    written = []
    for each in answered:
        for split, table in each.tables.items() if each.name == OURS else ():
            folder = out if split == "test" else out / split
            folder.mkdir(parents=True, exist_ok=True)
            parquet, csv = folder / f"{each.task.name}.parquet", folder / f"{DATASET}__{each.task.name}.csv"
            table[["date", "driverId", "prediction"]].to_parquet(parquet, index=False)
            target = pd.DataFrame({each.task.target: table["prediction"]})
            written += [parquet, write_atomically(csv, target.to_csv(index=False))]
    facts = {**_facts(asked), "seconds": seconds, "of": _seconds(answered), "scores": list(scored)}
    return [*written, write_atomically(out / FACTS, json.dumps(facts, indent=2) + "\n")]


def _facts(asked: Asked) -> Row:
    files = [*files_of(asked.data / DUMP, laps=asked.laps)]
    files += [split_file(asked.data, task, split) for task in asked.tasks for split in asked.splits]
    return {
        "dataset": DATASET,
        "protocol": asked.protocol,
        "reads": PROTOCOLS[asked.protocol],
        "lap_times": asked.laps,
        "splits": list(asked.splits),
        "data": {str(each.relative_to(asked.data)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files},
        "versions": {
            "pitwall": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
    }


def _seconds(answered: Sequence[Answered]) -> list[Row]:
    return [
        {"task": each.task.name, "name": each.name, "seconds": each.seconds, "cpu_seconds": each.cpu_seconds}
        for each in answered
    ]
