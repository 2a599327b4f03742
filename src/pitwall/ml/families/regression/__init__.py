"""The family of numbers: the mean of what is asked, and quantiles that say how sure the answer is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.families._family import Family, Faults, Label
from pitwall.ml.families.regression.metrics import CALIBRATION, COLUMNS, MEAN, MEDIAN, METRICS, QUANTILES

DIGITS = 6  # of a number that is shown or stored


def _columns(names: Iterable[str]) -> list[str]:
    present = set(names)
    return [name for name in COLUMNS if name in present]


def _check(answer: pd.DataFrame, _race: pd.Series) -> None:
    if list(answer.columns) != list(COLUMNS):
        raise AnswerError(f"the answer about a number has the columns {list(COLUMNS)}; found {list(answer.columns)}.")
    values = answer.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise AnswerError("a mean or a quantile is no finite number; answer every row.")
    if (np.diff(answer[list(QUANTILES)].to_numpy(dtype=np.float64), axis=1) < 0).any():
        raise AnswerError("quantiles cross: each must be at least as large as the one before; sort them.")


def _outcome(tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], label: Label) -> pd.DataFrame:
    return pd.DataFrame({"value": at(label(tables).astype("float64"), frame, key)})


def _scored(_answer: pd.Series, predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[list(COLUMNS)]


def _flat(values: np.ndarray) -> np.ndarray:
    """Say the same of every row: the mean of all answers."""
    return np.broadcast_to(values.mean(axis=0), values.shape).copy()


def _bold(values: np.ndarray) -> np.ndarray:
    """Claim a fifth of the uncertainty."""
    mean = values[:, :1]
    return np.asarray(mean + (values - mean) / 5)


def _turned(values: np.ndarray) -> np.ndarray:
    """Say of each row what was said of another one."""
    return values[::-1]


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the quantiles."""
    values = predictions[list(QUANTILES)].round(DIGITS).to_dict("records")
    return [{str(name): float(value) for name, value in row.items()} for row in values]


def _first(answers: Mapping[str, float], _detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the smallest number first."""
    return next(iter(answers.values())), *keys.values()


def _shown(value: float, unit: str) -> str:
    return f"{value:.3f} {unit}".strip()


FAMILY = Family(
    name="regression",
    says="the mean of the number, and its quantiles",
    columns=_columns,
    check=_check,
    outcome=_outcome,
    outcome_types={"value": "float64"},
    label_type="float64",
    scored=_scored,
    metrics=METRICS,
    calibration=CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=_shown,
    tuned_by="crps",
    tuned_by_words="continuous ranked probability score",
    read_as="intervals",
)
__all__ = ["FAMILY", "MEAN", "MEDIAN"]
