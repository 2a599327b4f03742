"""Out-of-sample predictions season by season: fit a recipe on everything before a season, predict the season."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import FoldParams
from pitwall.ml.estimators import Estimator, estimator
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.models import model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.rows import feature_columns
from pitwall.ml.training.splits import EXPANDING, walk_forward


def default_recipe(of: str, name: str, frame: pd.DataFrame, seed: int, stage: str) -> Recipe:
    """Return an estimator's default recipe over the features that it needs (all of the frame when it names none).

    Args:
        of: the model, e.g. `order`.
        name: of the estimator.
        frame: with the features.
        seed: of every random choice.
        stage: when it forecasts.

    Raises:
        FeatureError: the frame lacks a column that the estimator names, or it answers the question of other models.
    """
    definition = model(of)
    plugin = estimator(definition.family, name)
    others: tuple[str, ...] | None = getattr(plugin, "models", None)
    if others is not None and definition.written not in others:
        raise FeatureError(f"the estimator {name} answers the question of {' and '.join(others)}; asked for {of}.")
    features = read_by(plugin, definition.features) or feature_columns(frame)
    lacking = [column for column in (*features, *getattr(plugin, "ids", ())) if column not in frame.columns]
    if lacking:
        raise FeatureError(
            f"the estimator {name} needs {', '.join(lacking)}; the frame has {', '.join(feature_columns(frame))}."
        )
    return Recipe(definition.written, name, tuple(features), plugin.default(), seed, stage)


def read_by(plugin: Estimator, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that an estimator reads: its own where it has some, else those that a user chose; none for all there are."""
    any_will_do = plugin.needs is None or (bool(chosen) and getattr(plugin, "takes_any", False))
    return chosen if any_will_do else tuple(plugin.needs or ())


def predict_seasons(
    recipe: Recipe, frame: pd.DataFrame, outcome: pd.DataFrame, seasons: list[int], how: FoldParams = EXPANDING
) -> pd.DataFrame:
    """Return the predictions table of one recipe over seasons, refitted before each.

    Args:
        recipe: what to fit.
        frame: rows of the model's kind.
        outcome: of `outcomes`.
        seasons: to predict.
        how: which of the races before a season are learned from; all of them by default.

    Raises:
        AnswerError: the estimator gave what is no answer of its family.
    """
    definition, tables = recipe.definition, []
    for fold in walk_forward(recipe.model, frame, outcome, seasons, how):
        answer = recipe.fit(fold.train, fold.outcome).answer(recipe.select(fold.test))
        definition.answers.check(answer, fold.test["race_id"])
        tables.append(prediction_table(recipe.estimator, recipe.plugin.role, fold.test, answer, definition.kind))
    return stack(tables, definition.answers)
