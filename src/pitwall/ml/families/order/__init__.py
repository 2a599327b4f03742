"""The family of orders: P(place) of every car of a race, from which questions about the first few are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Family, Faults
from pitwall.ml.families.order import answer, outcome
from pitwall.ml.families.order.metrics import COUNTED, METRICS, WHOLE
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.shared import events

DIGITS = 6  # of a probability that is shown or stored


def _flat(places: np.ndarray) -> np.ndarray:
    """Return the same chance for every place that a car may take."""
    possible = places > 0
    return np.asarray(possible / np.maximum(possible.sum(axis=1, keepdims=True), 1))


def _bold(places: np.ndarray) -> np.ndarray:
    cubed = places**3
    return np.asarray(cubed / cubed.sum(axis=1, keepdims=True))


def _turned(places: np.ndarray) -> np.ndarray:
    """Give the first place to the cars that were least likely to take it."""
    return places[:, ::-1]


def _detail(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the expected place, and the chance of every place."""
    matrix = answer.position_matrix(predictions)
    expected = expected_place(matrix)
    return [
        {
            "expected_place": round(place, DIGITS),
            "places": row,
        }
        for place, row in zip(expected.tolist(), matrix.round(DIGITS).tolist(), strict=True)
    ]


def _first(_answers: Mapping[str, float], detail: Mapping[str, Any], keys: Mapping[str, int]) -> tuple[float, ...]:
    """Put the most probable winner first."""
    return -detail["places"][0], detail["expected_place"], keys["driver_id"]


FAMILY = Family(
    name="order",
    says="the chance of every place in an order of every car of a race",
    columns=answer.place_columns,
    check=answer.check,
    outcome=outcome.outcome,
    outcome_types=outcome.TYPES,
    label_type="bool",
    scored=events.scored,
    metrics=METRICS,
    calibration=events.CALIBRATION,
    faults=Faults(_flat, _bold, _turned),
    detail=_detail,
    first=_first,
    shown=events.percent,
    tuned_by="log_loss",
    tuned_by_words="log loss of the winner",
    fill=0.0,
    whole=WHOLE,
    constants={"always_yes": 1.0, "always_no": 0.0},
    counted=COUNTED,
)
