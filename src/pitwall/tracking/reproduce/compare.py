"""Compare two model folders: by one hash, then file by file, then by what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from pitwall.domain.refs import folder_hash

State = Literal["same", "differs", "missing", "new"]
PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True)
class Comparison:
    """What a repetition made beside what the run made.

    Attributes:
        content: hashes of the two folders, the run's first.
        files: state of every file, by its name in the folder; `missing` and `new` are seen from the run.
        apart: largest difference of two predicted numbers; infinite where rows, columns or ids are not the same.
    """

    content: tuple[str, str]
    files: dict[str, State]
    apart: float

    @property
    def equal(self) -> bool:
        """Whether both folders hold the same bytes."""
        return self.content[0] == self.content[1]

    @property
    def different(self) -> list[str]:
        """The files that are not the same, by name."""
        return [f"{name} ({state})" for name, state in self.files.items() if state != "same"]


def compare(before: Path, after: Path) -> Comparison:
    """Compare the folder that a run registered with the one that its repetition made."""
    names = sorted(
        {path.relative_to(top).as_posix() for top in (before, after) for path in top.rglob("*") if path.is_file()}
    )
    apart = predictions_apart(before / PREDICTIONS, after / PREDICTIONS)
    files = {name: _state(before / name, after / name) for name in names}
    return Comparison((folder_hash(before), folder_hash(after)), files, apart)


def predictions_apart(before: Path, after: Path) -> float:
    """Return the largest difference of two tables of predictions; infinite if they are not about the same cars."""
    if not (before.is_file() and after.is_file()):
        return float("inf")
    one, other = pd.read_parquet(before), pd.read_parquet(after)
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return float("inf")
    numbers = list(one.select_dtypes("floating").columns)
    if not one.drop(columns=numbers).equals(other.drop(columns=numbers)) or numbers != list(
        other.select_dtypes("floating").columns
    ):
        return float("inf")
    left, right = one[numbers].to_numpy(np.float64), other[numbers].to_numpy(np.float64)
    if not (np.isnan(left) == np.isnan(right)).all():
        return float("inf")
    return float(np.nanmax(np.abs(left - right), initial=0.0))


def _state(before: Path, after: Path) -> State:
    if not after.is_file():
        return "missing"
    if not before.is_file():
        return "new"
    return "same" if before.read_bytes() == after.read_bytes() else "differs"
