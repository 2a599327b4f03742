"""Why a row stands where it stands: what each feature, and each group of features, adds to its score beside the average row.

Contributions are in nats of log odds, or in the unit of a number. They explain the model, not the world: a feature that moves with
another one may take its credit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pitwall.ml.evaluation.contributions import contributions
from pitwall.ml.models.machinery.fitted import FittedModel

SHOWN = 6
DIGITS = 4


@dataclass(frozen=True)
class Reason:
    """One feature of one row: its value (None is null) and what it adds to the score; positive is faster, likelier or more."""

    feature: str
    value: float | None
    contribution: float


@dataclass(frozen=True)
class GroupReason:
    """One feature group of one row, and what it adds to the score."""

    group: str
    contribution: float


@dataclass(frozen=True)
class Why:
    """The strongest reasons of one row, strongest first: features where they can be told apart, and groups."""

    features: tuple[Reason, ...] = ()
    groups: tuple[GroupReason, ...] = ()


def reasons(model: FittedModel, frame: pd.DataFrame, beside: Callable[[], pd.DataFrame | None]) -> list[Why]:
    """Return the reasons per row of the frame.

    Args:
        model: of any family.
        frame: the rows, each race complete.
        beside: returns rows that a race is compared with where it is one row; they are read only then.
    """
    alone = not model.recipe.definition.kind.own
    found = contributions(model, frame, beside() if alone else None)
    features, groups = found.features, found.groups
    return [
        Why(
            () if features is None else _strongest(features.iloc[row], frame.iloc[row]),
            tuple(GroupReason(str(name), value) for name, value in _ordered(groups.iloc[row]).items() if value),
        )
        for row in range(len(frame))
    ]


def _strongest(added: pd.Series, row: pd.Series) -> tuple[Reason, ...]:
    return tuple(
        Reason(str(name), None if pd.isna(row[name]) else round(float(row[name]), DIGITS), value)
        for name, value in _ordered(added).items()
    )


def _ordered(added: pd.Series) -> dict[str, float]:
    order = added.abs().sort_values(ascending=False, kind="stable").index[:SHOWN]
    return {str(name): round(float(added[name]), DIGITS) for name in order}
