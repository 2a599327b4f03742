"""The family of survival: how long something lasts, in whole steps, where the end of some is never seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.families._family import Family, Faults, Label, by_name
from pitwall.ml.families.survival.answer import COLUMNS, STEPS, check, columns, duration, median
from pitwall.ml.families.survival.brier import IBS
from pitwall.ml.families.survival.metrics import CALIBRATION, COURSE, METRICS

DIGITS = 4  # of a chance that is shown or stored
AT_LEAST = (5, 10, 20, 30)
ENDS = {"q10": 0.1, "q90": 0.9}  # of the interval in which four of five durations should end


def _outcome(tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], label: Label) -> pd.DataFrame:
    """Return what was seen of each row; a label that is one number says nothing of how long it could have been watched."""
    told = label(tables)
    if isinstance(told, pd.Series):
        steps = told.astype("float64")
        told = pd.DataFrame({"laps": steps.abs(), "ended": steps > 0, "room": float(STEPS)})
    return at(told.assign(ended=told["ended"].astype("boolean"))[list(OUTCOME)], frame, key)


def _scored(_answer: pd.Series, predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[list(COLUMNS)]


def _flat(lasts: np.ndarray) -> np.ndarray:
    """Say the same of every row: the mean of all answers."""
    return np.broadcast_to(lasts.mean(axis=0), lasts.shape).copy()


def _bold(lasts: np.ndarray) -> np.ndarray:
    """Cube the odds to last: all ends lie near the median."""
    return np.asarray(lasts**3 / (lasts**3 + (1.0 - lasts) ** 3))


def _turned(lasts: np.ndarray) -> np.ndarray:
    """Say of each row what was said of another one."""
    return lasts[::-1]


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the ends of the 80 % interval in whole steps, the chance of at least some steps, and the curve."""
    lasts = predictions[list(COLUMNS)].to_numpy(dtype=np.float64)
    ends = {name: np.floor(duration(lasts, level) + 0.5) for name, level in ENDS.items()}
    rounded = lasts.round(DIGITS)
    return [
        {
            **{name: float(end[row]) for name, end in ends.items()},
            "at_least": [{"steps": steps, "chance": float(rounded[row, steps - 2])} for steps in AT_LEAST],
            "lasts": rounded[row].tolist(),
        }
        for row in range(len(lasts))
    ]


def _first(answers: Mapping[str, float], _detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put what ends first first."""
    return next(iter(answers.values())), *keys.values()


def _shown(value: float, unit: str) -> str:
    return (f"{value:.1f} {unit}" if value < STEPS else f"{STEPS} {unit} or more").strip()


OUTCOME = {"laps": "float64", "ended": "bool", "room": "float64"}
FAMILY = Family(
    name="survival",
    says="the chance that it lasts beyond each of its next steps",
    columns=columns,
    check=check,
    outcome=_outcome,
    outcome_types=OUTCOME,
    label_type="float64",
    scored=_scored,
    metrics=METRICS,
    calibration=CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=_shown,
    tuned_by="log_loss",
    tuned_by_words="log loss of what was seen",
    read_as="chances to last",
    whole=by_name(IBS),
    course=COURSE,
)
__all__ = ["FAMILY", "median"]
