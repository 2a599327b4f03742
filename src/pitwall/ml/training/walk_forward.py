"""Out-of-sample predictions season by season: fit a recipe on everything before a season, predict the season."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.ml.estimators import estimator, feature_columns
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.models.order_model import Recipe
from pitwall.ml.training.splits import walk_forward


def default_recipe(name: str, frame: pd.DataFrame, seed: int, stage: str) -> Recipe:
    """Return an estimator's default recipe over the features that it needs (all of the frame when it names none).

    Raises:
        FeatureError: the frame lacks a column that the estimator names.
    """
    plugin = estimator(name)
    features = feature_columns(frame) if plugin.needs is None else list(plugin.needs)
    lacking = [column for column in features if column not in frame.columns]
    if lacking:
        raise FeatureError(
            f"the estimator {name} needs {', '.join(lacking)}; the frame has {', '.join(feature_columns(frame))}."
        )
    return Recipe(name, tuple(features), plugin.default(), seed, stage)


def predict_seasons(recipe: Recipe, frame: pd.DataFrame, outcome: pd.DataFrame, seasons: list[int]) -> pd.DataFrame:
    """Return the predictions table of one recipe over seasons, refitted before each."""
    tables = []
    for fold in walk_forward(frame, outcome, seasons):
        fitted = recipe.fit(fold.train, fold.outcome)
        positions = fitted.positions(recipe.select(fold.test))
        tables.append(prediction_table(recipe.estimator, recipe.plugin.role, fold.test, positions))
    return stack(tables)
