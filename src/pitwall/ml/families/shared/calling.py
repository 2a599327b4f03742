"""Which class is called of each row: the one with the largest chance, or the largest after questions' own weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

WEIGHT = "weight_"  # of the columns `weight_<class>` of scored rows, which a question may add


def weighted(rows: pd.DataFrame, chances: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return chances times the weights of the rows, rows x classes; as they are where the question has none.

    Args:
        rows: scored rows.
        chances: of each class, rows x classes.
        names: of the classes, in that order.
    """
    columns = [f"{WEIGHT}{name}" for name in names]
    if columns[0] not in rows:
        return chances
    return np.asarray(chances * rows[columns].to_numpy(dtype=np.float64))
