"""The order model on disk: one folder with a recipe, the estimator's data files and the predictions it was judged by."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, StageError
from pitwall.ml.estimators import SPINE_COLUMNS, Estimator, Fitted, estimator
from pitwall.ml.estimators._estimator import Explains, Positions
from pitwall.ml.families.predictions import load_predictions, save_predictions

RECIPE = "recipe.json"
FORMAT = 1


@dataclass(frozen=True)
class Recipe:
    """Everything needed to fit the model again: estimator, features, settled parameters, seed, and where it came from.

    Attributes:
        estimator: plug-in name.
        features: frame columns that it reads, in order.
        params: settled parameters, among them rounds and temperature decided on validation seasons.
        seed: of every random choice.
        stage: when it forecasts.
        facts: where it came from (seasons, data hash), for people and for provenance.
    """

    estimator: str
    features: tuple[str, ...]
    params: dict[str, Any]
    seed: int
    stage: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def plugin(self) -> Estimator:
        """The estimator."""
        return estimator(self.estimator)

    def manifest(self) -> dict[str, Any]:
        """Return what a run's manifest keeps of it: everything but the facts, which stand there in more detail."""
        return {name: value for name, value in asdict(self).items() if name != "facts"}

    def select(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the spine columns and this recipe's features as float64.

        Raises:
            FeatureError: the frame lacks a feature.
        """
        lacking = [name for name in self.features if name not in frame.columns]
        if lacking:
            raise FeatureError(
                f"the {self.estimator} recipe needs {', '.join(lacking)}, which the frame lacks; "
                "build the frame with the feature set that the recipe was trained on (`dvc repro frames`)."
            )
        spine = [name for name in SPINE_COLUMNS if name in frame.columns]
        chosen = frame[[*spine, *self.features]]
        other = [name for name, kind in chosen.dtypes.items() if name not in spine and kind != np.float64]
        return chosen.astype(dict.fromkeys(other, "float64")) if other else chosen

    def fit(self, frame: pd.DataFrame, outcome: pd.DataFrame) -> Fitted:
        """Fit the recipe on labelled races."""
        return self.plugin.fit(self.select(frame), outcome, self.params, self.seed)


@dataclass(frozen=True)
class OrderModel:
    """A fitted order model.

    Example:
        `OrderModel.load(Path("models/order-pre_race/model")).positions(frame)` gives rows x places.
    """

    recipe: Recipe
    fitted: Fitted

    @property
    def name(self) -> str:
        """The estimator's name, as in predictions tables."""
        return self.recipe.estimator

    @property
    def role(self) -> str:
        """`model` or `baseline`."""
        return self.recipe.plugin.role

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row, rows x places of the largest field; each race in the frame must be complete.

        A race with a single car is warned of: its every chance is 1, whatever the model thinks.
        """
        if (alone := frame["race_id"].drop_duplicates(keep=False)).size:
            warnings.warn(
                f"{alone.size} of {frame['race_id'].nunique()} races have one car here, so its every chance is 1 and says "
                "nothing; ask with all cars of a race.",
                stacklevel=2,
            )
        return self.fitted.positions(self.recipe.select(frame))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame | None:
        """Return what each feature adds to a car's score beside the average car of its race; None if it cannot be told.

        Frame rows x features, in nats: only differences between the cars of a race decide an order.
        """
        if not isinstance(self.fitted, Explains):
            return None
        added = self.fitted.contributions(self.recipe.select(frame))
        return added - added.groupby(frame["race_id"]).transform("mean")

    def save(self, folder: Path, predictions: pd.DataFrame) -> None:
        """Write recipe, estimator files and out-of-sample predictions; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        content = {"format": FORMAT, **asdict(self.recipe)}
        (folder / RECIPE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        self.fitted.save(folder)
        save_predictions(predictions, folder)

    @classmethod
    def load(cls, folder: Path) -> OrderModel:
        """Read a model folder.

        Raises:
            StageError: there is no recipe, or it has a format that this version does not read.
        """
        path = folder / RECIPE
        if not path.is_file():
            raise StageError(f"no order model at {folder}: {RECIPE} is missing; train one with `pitwall train`.")
        content = json.loads(path.read_text(encoding="utf-8"))
        found = content.pop("format", None)
        if found != FORMAT:
            raise StageError(f"{path} has format {found}, this version reads {FORMAT}; train the model again.")
        recipe = Recipe(**{**content, "features": tuple(content["features"])})
        return cls(recipe, recipe.plugin.load(folder))

    @staticmethod
    def predictions(folder: Path) -> pd.DataFrame:
        """Read the walk-forward predictions that the model was judged by."""
        return load_predictions(folder)
