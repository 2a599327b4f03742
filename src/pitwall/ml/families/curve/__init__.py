"""The family of curves: how something grows along an axis, e.g. the seconds that a tyre loses with its age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.families._family import Family, Faults, Label, Metric
from pitwall.ml.families.curve.answer import AXIS, COLUMNS, QUANTILES, SLOPE, check, columns
from pitwall.ml.families.shared import quantiles
from pitwall.ml.families.shared.rows import over_rows

DIGITS = 6  # of a number that is shown or stored
ENDS = {
    "value": SLOPE,
    "low": "slope_q10",
    "high": "slope_q90",
}  # of the interval in which four of five curves should lie


def _outcome(tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], label: Label) -> pd.DataFrame:
    return pd.DataFrame({"value": at(label(tables).astype("float64"), frame, key)})


def _scored(_answer: pd.Series, predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[list(COLUMNS)]


def _off(rows: pd.DataFrame) -> np.ndarray:
    """Return how far the curve lies off, the mean over the places of its axis: what the error of the slope costs."""
    values = rows[list(AXIS)].to_numpy(dtype=np.float64)
    true = rows["label"].to_numpy(dtype=np.float64)[:, None] * np.array(list(AXIS.values()))
    return np.asarray(np.abs(values - true).mean(axis=1))


def _flat(values: np.ndarray) -> np.ndarray:
    """Say the same of every row: the mean of all answers."""
    return np.broadcast_to(values.mean(axis=0), values.shape).copy()


def _bold(values: np.ndarray) -> np.ndarray:
    """Claim a fifth of the uncertainty about the slope."""
    told = values.copy()
    slope = told[:, [list(QUANTILES).index(SLOPE)]]
    told[:, : len(QUANTILES)] = slope + (told[:, : len(QUANTILES)] - slope) / 5
    return np.asarray(told)


def _turned(values: np.ndarray) -> np.ndarray:
    """Say of each row what was said of another one."""
    return values[::-1]


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the quantiles of the slope, and the curve with the ends between which four of five should lie."""
    found = []
    for row in predictions[list(COLUMNS)].to_dict("records"):
        told = {f"q{1000 * level:03.0f}".removesuffix("0"): _rounded(row[name]) for name, level in QUANTILES.items()}
        places = [0.0, *AXIS.values()]
        ends = {end: [_rounded(place * row[of]) for place in places] for end, of in ENDS.items()}
        found.append({**told, "curve": {"at": places, **ends}})
    return found


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)


def _first(answers: Mapping[str, float], _detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the flattest curve first."""
    return next(iter(answers.values())), *keys.values()


def _shown(value: float, unit: str) -> str:
    return f"{value:+.3f} {unit}".strip()


METRICS = {
    **quantiles.metrics(QUANTILES, "s/lap"),
    "curve_error": Metric("curve_error", "s", per_block=over_rows(_off)),
}
FAMILY = Family(
    name="curve",
    says="the slope of the curve with its quantiles, and the curve's values at fixed places",
    columns=columns,
    check=check,
    outcome=_outcome,
    outcome_types={"value": "float64"},
    label_type="float64",
    scored=_scored,
    metrics=METRICS,
    calibration=quantiles.calibration(QUANTILES),
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=_shown,
    tuned_by="crps",
    tuned_by_words="continuous ranked probability score of the slope",
    read_as="intervals",
)
__all__ = ["FAMILY", "SLOPE"]
