"""The family of classes: the probability of each of a question's classes, which may stand in an order (early, mid, late).

A label is an ordered categorical whose categories are the classes in the order of the question; an answer has one column
`p_<class>` for each of them, in that order. What a question shows is the number of the likeliest class, from 0, and the names are
its template's unit, `early < mid < late`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.families._family import Family, Faults, Label
from pitwall.ml.families.multiclass.metrics import CALIBRATION, CLASSES, COUNTED, METRICS, PREFIX

CLOSE = 1e-6  # of the sum of a row
DIGITS = 6  # of a probability that is shown or stored
BETWEEN = " < "  # of classes in the unit of a question


def unit_of(classes: Sequence[str]) -> str:
    """Return the unit of a question with these classes.

    Example:
        >>> unit_of(("early", "mid", "late"))
        'early < mid < late'
    """
    return BETWEEN.join(classes)


def likeliest(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.Series:
    """Return the number of the likeliest class of each row, from 0; of equal ones the first."""
    chances = predictions[[f"{PREFIX}{name}" for name in classes]].to_numpy(dtype=np.float64)
    return pd.Series(chances.argmax(axis=1).astype(np.float64), index=predictions.index)


def _columns(names: Iterable[str]) -> list[str]:
    return [name for name in names if str(name).startswith(PREFIX)]


def _check(answer: pd.DataFrame, _race: pd.Series) -> None:
    if len(answer.columns) < 2 or list(answer.columns) != _columns(answer.columns):
        raise AnswerError(
            f"the answer to a question with classes is one column `{PREFIX}<class>` for each; found {list(answer.columns)}."
        )
    chances = answer.to_numpy(dtype=np.float64)
    if not np.isfinite(chances).all() or (chances < 0).any():
        raise AnswerError("a chance of a class is negative or no number; answer with probabilities.")
    apart = float(np.abs(chances.sum(axis=1) - 1.0).max(initial=0.0))
    if apart > CLOSE:
        raise AnswerError(
            f"the chances of a row's classes sum to something else than 1 (by {apart:.2g}); divide each row by its sum."
        )


def _outcome(tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], label: Label) -> pd.DataFrame:
    return pd.DataFrame({"label": at(label(tables), frame, key)})


def _scored(_answer: pd.Series, predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions[_columns(predictions.columns)]


def _flat(chances: np.ndarray) -> np.ndarray:
    """Say the same of every row: the mean of all answers."""
    return np.broadcast_to(chances.mean(axis=0), chances.shape).copy()


def _bold(chances: np.ndarray) -> np.ndarray:
    """Cube the chances."""
    cubed = chances**3
    return np.asarray(cubed / cubed.sum(axis=1, keepdims=True))


def _turned(chances: np.ndarray) -> np.ndarray:
    """Say of each class what was said of its mirror image: of the first one what was said of the last."""
    return chances[:, ::-1]


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the name of the likeliest class, and the chance of every class: a list, for files sort what is named."""
    chances = predictions[_columns(predictions.columns)]
    named = chances.set_axis([str(name).removeprefix(PREFIX) for name in chances], axis=1)
    return [
        {"likeliest": name, "chances": [{"class": of, "chance": float(p)} for of, p in row.items()]}
        for name, row in zip(named.idxmax(axis=1), named.round(DIGITS).to_dict("records"), strict=True)
    ]


def _first(answers: Mapping[str, float], detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the first class first, and in it the row that is surest of it."""
    number = next(iter(answers.values()))
    return number, -max(each["chance"] for each in detail["chances"]), *keys.values()


def _shown(number: float, unit: str) -> str:
    """Return the class, by its number."""
    return unit.split(BETWEEN)[round(number)]


FAMILY = Family(
    name="multiclass",
    says="the probability of each class",
    columns=_columns,
    check=_check,
    outcome=_outcome,
    outcome_types={"label": "category"},
    label_type="category",
    scored=_scored,
    metrics=METRICS,
    calibration=CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=_shown,
    tuned_by="log_loss",
    tuned_by_words="log loss",
    table_order=True,
    classes=CLASSES,
    counted=COUNTED,
)
__all__ = ["FAMILY", "PREFIX", "likeliest", "unit_of"]
