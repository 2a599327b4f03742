"""What each feature, and each group of features, adds to a row's score beside the average row: exactly, or by exchanging values.

Exact contributions are the estimator's own: Shapley values of trees, weight times value of linear models. Where an estimator has none,
the values of a whole group go round among the rows of the race (where a race is one row, they come from races that were learned
from), and the mean change of the answer is what the group adds. Either explains the model, not the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit

from pitwall.domain.keys import BLOCK
from pitwall.features import feature_sets, groups
from pitwall.ml.evaluation.importance import feature_groups
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.templates import answered_by

EXCHANGES = 8  # of each group
SURE = 1e-6  # a chance nearer to 0 or 1 counts as this


@dataclass(frozen=True)
class Contributions:
    """What was added to the scores of some rows.

    Attributes:
        groups: rows x feature groups.
        features: rows x features; None where it is told by group alone.
    """

    groups: pd.DataFrame
    features: pd.DataFrame | None = None


def contributions(model: FittedModel, frame: pd.DataFrame, beside: pd.DataFrame | None = None) -> Contributions:
    """Return what adds to the score of each row, beside the average row of its race.

    Args:
        model: of any family.
        frame: spine columns and features; each race complete.
        beside: rows that a race is compared with where it is one row; without any nothing can be told of such rows.
    """
    groups = groups_of(model)
    exact = model.contributions(frame, beside)
    if exact is not None:
        # An estimator may leave a feature of its model out, or count it to one that it bears on; such a feature adds nothing of its own.
        whole = exact.reindex(columns=list(model.recipe.features), fill_value=0.0)
        added = {name: whole[list(columns)].sum(axis=1) for name, columns in groups.items()}
        return Contributions(pd.DataFrame(added, index=frame.index), exact)
    return Contributions(_exchanged(model, frame, beside, groups))


def groups_of(model: FittedModel) -> dict[str, tuple[str, ...]]:
    """Return {feature group: its columns that the model reads}."""
    own = feature_sets().get(model.recipe.definition.feature_set, ())
    return feature_groups(dict.fromkeys((*own, *groups().values())), model.recipe.features)


def unit_of(definition: Model) -> str:
    """Return the unit of contributions: nats of log odds, or that of the number."""
    return answered_by(definition.name)[0].unit if definition.answers.label_type == "float64" else "nats"


def _exchanged(
    model: FittedModel, frame: pd.DataFrame, beside: pd.DataFrame | None, groups: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    score = _score(model, frame)
    before, added = score(frame), {}
    donors = _donors(model.recipe.definition, frame, beside)
    for name, columns in groups.items():
        change = np.zeros(len(frame))
        for rows in donors:
            other = frame.copy()
            other[list(columns)] = rows[list(columns)].to_numpy()
            change += before - score(other)
        added[name] = change / max(len(donors), 1)
    return pd.DataFrame(added, index=frame.index)


def _donors(definition: Model, frame: pd.DataFrame, beside: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Return frames of other rows, aligned: the race's own rows moved on, or rows spread evenly over those beside."""
    if not definition.kind.own:
        if beside is None:
            return []
        found = np.linspace(0, len(beside) - 1, min(EXCHANGES, len(beside))).astype(np.int64)
        return [beside.iloc[np.full(len(frame), row)] for row in found]
    race = frame[BLOCK].to_numpy()
    moved = []
    for step in range(1, EXCHANGES + 1):
        place = np.arange(len(frame))
        for one in np.unique(race):
            own = np.flatnonzero(race == one)
            place[own] = np.roll(own, 1 + step * (len(own) - 1) // (EXCHANGES + 1))
        moved.append(frame.iloc[place])
    return moved


def _score(model: FittedModel, frame: pd.DataFrame) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return what tells an answer in one number per row: log odds of the first question, a mean, or log odds of the likeliest class."""
    definition, question = model.recipe.definition, answered_by(model.recipe.model)[0]
    likeliest = definition.answers.matrix(model.answer(frame)).argmax(axis=1)

    def score(rows: pd.DataFrame) -> np.ndarray:
        table = prediction_table(model.name, model.role, rows, model.answer(rows), definition.kind)
        if definition.answers.label_type == "float64":
            return np.asarray(question.answer(table), dtype=np.float64)
        if definition.answers.label_type == "bool":
            chance = np.asarray(question.answer(table), dtype=np.float64)
        else:
            chance = definition.answers.matrix(table)[np.arange(len(table)), likeliest]
        return np.asarray(logit(np.clip(chance, SURE, 1 - SURE)))

    return score
