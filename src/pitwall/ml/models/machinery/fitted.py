"""A fitted model on disk: one folder with a recipe, the estimator's data files and the predictions it was judged by."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators import Explains, Fitted
from pitwall.ml.families.predictions import load_predictions, save_predictions
from pitwall.ml.models.machinery.recipe import Recipe


@dataclass(frozen=True)
class FittedModel:
    """A fitted model.

    Example:
        `FittedModel.load(Path("models/order-pre_race/model")).answer(frame)` gives one row of answers per row.
    """

    recipe: Recipe
    fitted: Fitted

    @property
    def name(self) -> str:
        """The estimator's name, as in predictions tables."""
        return self.recipe.estimator

    @cached_property
    def role(self) -> str:
        """`model` or `baseline`; looked up once."""
        return self.recipe.plugin.role

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the answer per row; each race in the frame must be complete.

        Where cars of a race are compared, a race with a single one is warned of: its every chance is 1, whatever the model thinks.
        """
        if self._compares and (alone := (cars := np.unique(frame["race_id"], return_counts=True)[1]) == 1).any():
            warnings.warn(
                f"{alone.sum()} of {len(cars)} races have one car here, so its every chance is 1 and says nothing; ask with all "
                "cars of a race.",
                stacklevel=2,
            )
        return self.fitted.answer(self.recipe.select(frame))

    @cached_property
    def _compares(self) -> bool:
        """Whether it compares cars of a race; looked up once, since discovery takes as long as an answer."""
        return self.recipe.definition.answers.fill is not None

    def positions(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the answer as a matrix, rows x answer columns: for the order model rows x places."""
        return np.asarray(self.answer(frame), dtype=np.float64)

    def contributions(self, frame: pd.DataFrame, beside: pd.DataFrame | None = None) -> pd.DataFrame | None:
        """Return what each feature adds to a row's score beside the average row; None if it cannot be told.

        Args:
            frame: rows of some races.
            beside: rows whose average a race is compared with where it is one row; other rows are compared within their race.

        Returns:
            Frame rows x features, in the estimator's unit of scores: nats of log odds, or the unit of a number.
        """
        if not isinstance(self.fitted, Explains):
            return None
        added = self.fitted.contributions(self.recipe.select(frame))
        if beside is None or self.recipe.definition.kind.own:
            return added - added.groupby(frame["race_id"]).transform("mean")
        return added - self.fitted.contributions(self.recipe.select(beside)).mean()

    def save(self, folder: Path, predictions: pd.DataFrame) -> None:
        """Write recipe, estimator files and out-of-sample predictions; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        self.recipe.save(folder)
        self.fitted.save(folder)
        save_predictions(predictions, folder, self.recipe.definition.kind)

    @classmethod
    def load(cls, folder: Path) -> FittedModel:
        """Read a model folder.

        Raises:
            StageError: there is no recipe, or it has a format that this version does not read.
        """
        recipe = Recipe.load(folder)
        return cls(recipe, recipe.plugin.load(folder))

    @staticmethod
    def predictions(folder: Path) -> pd.DataFrame:
        """Read the walk-forward predictions that the model was judged by."""
        return load_predictions(folder)


OrderModel = FittedModel  # the name that notebooks, and the code stored with models of earlier versions, ask for
