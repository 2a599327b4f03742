"""The benchmark's own tables: at which instants which drivers are asked about, and the labels where it gives them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pitwall.domain.errors import SourceError

FOLDER = "rel_f1"


def split_file(data: Path, task: str, split: str) -> Path:
    """Return where a table lies below the data folder."""
    return data / FOLDER / task / f"{split}.parquet"


def read_split(data: Path, task: str, target: str, split: str) -> pd.DataFrame:
    """Return a table as the benchmark orders it: date, driverId and, where it is given, the target.

    Args:
        data: the folder that holds `rel_f1`.
        task: its name.
        target: its column of the label.
        split: train, val or test.

    Raises:
        SourceError: the file is not there, or lacks a column.
    """
    path = split_file(data, task, split)
    if not path.is_file():
        raise SourceError(
            f"{path} is missing; expected {FOLDER}/TASK/{{train,val,test}}.parquet below {data}. Give the folder that holds "
            f"`ergast` and `{FOLDER}` as --data."
        )
    table = pd.read_parquet(path)
    wanted = ["date", "driverId", *([] if split == "test" else [target])]
    lacking = [name for name in wanted if name not in table]
    if lacking:
        raise SourceError(
            f"{path} has no column {', '.join(lacking)}; found {', '.join(table)}. Expected {', '.join(wanted)}: give the "
            "benchmark's own tables."
        )
    return table[wanted].reset_index(drop=True)
