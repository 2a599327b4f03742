"""The predictions table: what every estimator says of every row, and the only thing that scores, gates and reports read.

Columns: estimator, role (model, contender, baseline or truth), the columns by which the row kind names a row (its key, season,
round, ...), and the family's answer columns as float64. One row per estimator and row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain import renames
from pitwall.domain.errors import StageError
from pitwall.ml.families._family import Family
from pitwall.ml.rows import RowKind

FILE = "predictions.parquet"
WHO = "estimator"


def prediction_table(
    estimator: str, role: str, rows: pd.DataFrame, answer: pd.DataFrame, kind: RowKind
) -> pd.DataFrame:
    """Return the predictions of one estimator for the rows of a frame.

    Args:
        estimator: its name.
        role: `model`, `contender`, `baseline` or `truth`.
        rows: with the columns by which the kind names a row.
        answer: the family's columns, aligned with the rows.
        kind: of the rows.
    """
    keys = {name: rows[name].array for name in kind.said}
    answers = dict(zip(answer.columns, answer.to_numpy().T, strict=True))
    return pd.DataFrame({WHO: estimator, "role": role, **keys, **answers}, index=pd.RangeIndex(len(rows)))


def numbers_beside(answer: pd.DataFrame, beside: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the answer with other numbers of its rows before it, all in one piece of memory: columns that are put in cost more than a quick answer."""
    values = np.column_stack([*beside.values(), answer.to_numpy(np.float64)])
    return pd.DataFrame(values, index=answer.index, columns=_named((*beside, *answer.columns)), copy=False)


@lru_cache(maxsize=64)
def _named(columns: tuple[str, ...]) -> pd.Index:
    return pd.Index(columns)


def stack(tables: Sequence[pd.DataFrame], family: Family) -> pd.DataFrame:
    """Put predictions tables below each other; answer columns that one of them lacks are filled as the family says."""
    joined = pd.concat(list(tables), ignore_index=True)
    if family.fill is None:
        return joined
    answers = family.columns(joined.columns)
    joined[answers] = joined[answers].fillna(family.fill)
    return joined[[name for name in joined.columns if name not in answers] + answers]


def by_estimator(predictions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return {estimator: its rows}, sorted by name."""
    return {str(name): rows.reset_index(drop=True) for name, rows in predictions.groupby(WHO, sort=True)}


def save_predictions(predictions: pd.DataFrame, folder: Path, kind: RowKind) -> None:
    """Write `predictions.parquet` into a folder, sorted by estimator and as the row kind sorts its rows."""
    ordered = predictions.sort_values([WHO, *kind.order], kind="stable")
    ordered.to_parquet(folder / FILE, index=False)


def load_predictions(folder: Path) -> pd.DataFrame:
    """Read `predictions.parquet` of a folder (`models/<name>`, its `model` or its `baseline`).

    Raises:
        StageError: there is none; says which command makes it.
    """
    path = folder / FILE
    if not path.is_file():
        raise StageError(f"no predictions at {path}; make them with `dvc repro` or `pitwall train`.")
    return renames.predictions(pd.read_parquet(path))
