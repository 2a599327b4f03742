"""Why a car stands where it stands: what each feature adds to its score beside the average car of the same race.

Contributions are in nats of the model's score. They explain the model, not the world: a feature that moves with another
one may take its credit.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pitwall.ml.models.machinery.fitted import FittedModel

SHOWN = 6
DIGITS = 4


@dataclass(frozen=True)
class Reason:
    """One feature of one car: its value (None is null) and what it adds to the score, in nats, positive is faster."""

    feature: str
    value: float | None
    contribution: float


def reasons(model: FittedModel, frame: pd.DataFrame) -> list[tuple[Reason, ...]]:
    """Return the strongest reasons per row of the frame, strongest first; none where the model cannot tell."""
    added = model.contributions(frame)
    if added is None:
        return [() for _ in range(len(frame))]
    return [_strongest(added.iloc[row], frame.iloc[row]) for row in range(len(frame))]


def _strongest(added: pd.Series, car: pd.Series) -> tuple[Reason, ...]:
    order = added.abs().sort_values(ascending=False, kind="stable").index[:SHOWN]
    return tuple(
        Reason(
            feature=str(name),
            value=None if pd.isna(car[name]) else round(float(car[name]), DIGITS),
            contribution=round(float(added[name]), DIGITS),
        )
        for name in order
    )
