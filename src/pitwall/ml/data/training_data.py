"""Features as a matrix, with what is missing said apart: a NaN is an answer, and zero would be another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.keys import SPINE_NAMES
from pitwall.ml.rows import feature_columns


@dataclass(frozen=True)
class TrainingData:
    """A feature matrix.

    Attributes:
        matrix: rows x features, float64, NaN where nothing was known.
        missing: rows x features, True where the matrix is NaN.
        names: of the features, in column order.
        rows: the spine columns of each row: ids, season, round, cutoff.

    Example:
        `X, names = fs.get_training_data("order", seasons=2019)` takes matrix and names alone.
    """

    matrix: npt.NDArray[np.float64]
    missing: npt.NDArray[np.bool_]
    names: tuple[str, ...]
    rows: pd.DataFrame

    def __iter__(self) -> Iterator[Any]:
        """Yield matrix and names."""
        return iter((self.matrix, self.names))


def training_data(frame: pd.DataFrame) -> TrainingData:
    """Split a frame of features into matrix, mask, names and rows."""
    values = frame[feature_columns(frame)]
    rows = frame.drop(columns=values.columns)
    matrix = values.to_numpy(dtype=np.float64)
    return TrainingData(matrix, np.isnan(matrix), tuple(map(str, values.columns)), rows)


def missing_mask(frame: pd.DataFrame) -> pd.DataFrame:
    """Return True per row and feature where nothing was known; columns `<feature>_missing`, the frame's index.

    Example:
        >>> missing_mask(pd.DataFrame({"race_id": [1, 1], "grid": [2.0, None]}))["grid_missing"].tolist()
        [False, True]
    """
    return frame.drop(columns=list(SPINE_NAMES), errors="ignore").isna().add_suffix("_missing")
