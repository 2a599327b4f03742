"""The benchmark's tables of a tiny dump, and both in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS, Task
from pitwall.testing.worlds.relbench.dump import SEASONS, tiny_dump

WINDOWS = {"val": 6, "test": 5}


def write_tiny_relbench(folder: Path, seed: int = 1) -> Path:
    """Write `ergast` and `rel_f1` into a folder and return it."""
    dump = folder / "ergast"
    dump.mkdir(parents=True)
    for name, rows in tiny_dump(np.random.default_rng(seed)).items():
        rows.to_csv(dump / name, index=False, na_rep="\\N")
    for task in TASKS.values():
        for split in ("train", *CUTOFFS):
            table = _table(dump, task, split)
            (folder / "rel_f1" / task.name).mkdir(parents=True, exist_ok=True)
            kept = table.drop(columns=task.target) if split == "test" else table
            kept.to_parquet(folder / "rel_f1" / task.name / f"{split}.parquet", index=False)
    return folder


def _table(dump: Path, task: Task, split: str) -> pd.DataFrame:
    """Return a split with labels: whole windows after its cut-off, or before the first one."""
    known = load(dump).before(pd.Timestamp(SEASONS.stop, 1, 1))
    start = CUTOFFS["val" if split == "train" else split]
    steps = range(WINDOWS[split]) if split in WINDOWS else range(-(3 * 365 // task.days), 0)
    parts = []
    for step in steps:
        seed = start + step * task.window
        true = task.outcomes(known, seed, official=True)["label"]
        parts.append(pd.DataFrame({"date": seed, "driverId": true.index.to_numpy(), task.target: true.to_numpy()}))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)
