"""The family of yes and no: the probability `p` that something happens to a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.families._family import Family, Faults, Label
from pitwall.ml.families.binary.metrics import CLASSES, COUNTED, METRICS
from pitwall.ml.families.shared import events

P = "p"


def _columns(names: Iterable[str]) -> list[str]:
    return [P] if P in set(names) else []


def _check(answer: pd.DataFrame, _race: pd.Series) -> None:
    if list(answer.columns) != [P]:
        raise AnswerError(f"the answer to a yes-or-no question is one column `{P}`; found {list(answer.columns)}.")
    if not answer[P].between(0.0, 1.0).all():
        wrong = answer.loc[~answer[P].between(0.0, 1.0), P].iloc[0]
        raise AnswerError(f"a probability lies between 0 and 1; found {wrong}. Calibrate or clip the answer.")


def _outcome(tables: Tables, frame: pd.DataFrame, key: tuple[str, ...], label: Label) -> pd.DataFrame:
    return pd.DataFrame({"label": at(label(tables).astype("boolean"), frame, key)})


def _flat(p: np.ndarray) -> np.ndarray:
    return np.full_like(p, p.mean())


def _bold(p: np.ndarray) -> np.ndarray:
    """Cube the odds."""
    odds = (np.clip(p, 1e-6, 1 - 1e-6) / (1 - np.clip(p, 1e-6, 1 - 1e-6))) ** 3
    return np.asarray(odds / (1 + odds))


def _turned(p: np.ndarray) -> np.ndarray:
    return 1.0 - p


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    return [{} for _ in range(len(predictions))]


def _first(answers: Mapping[str, float], _detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the most probable row first."""
    return -next(iter(answers.values())), *keys.values()


FAMILY = Family(
    name="binary",
    says="the probability that it happens",
    columns=_columns,
    check=_check,
    outcome=_outcome,
    outcome_types={"label": "bool"},
    label_type="bool",
    scored=events.scored,
    metrics=METRICS,
    calibration=events.CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=events.percent,
    tuned_by="log_loss",
    tuned_by_words="log loss",
    constants={"always_yes": 1.0, "always_no": 0.0},
    classes=CLASSES,
    counted=COUNTED,
)
