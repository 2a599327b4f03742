"""Gradient-boosted trees trained on the Plackett-Luce likelihood of whole finishing orders.

One tree ensemble gives each car a score; the listwise objective makes differences of scores log odds, so the scores are a
position distribution without a second model. Boosting stops where the winner's log loss on later races is best, and two
temperatures fitted there (winner, finishers) and the share of retirements remove what is left of over-confidence. One thread and seeded sampling: the same rows give the
same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Labelled, Params, Role, Traits, Trial
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.estimators.order._plackett_luce import (
    Orders,
    finishers,
    gradient,
    loss,
    orders,
    temperature,
    winner_loss,
)
from pitwall.ml.estimators.shared.design import design
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import from_one, margins, progress, shapley
from pitwall.ml.families.order.plackett_luce import front_and_field
from pitwall.ml.rows import feature_columns

if TYPE_CHECKING:
    import xgboost as xgb

THREADS = 1  # recorded with every recipe: sums in another order would be another model
PATIENCE = 40
MOST_ROUNDS = 400
PLAN = {"*": ("z",), "grid": ("log",)}
# A better slot, a smaller gap or a higher rating never makes a car slower: what the field knows, the trees need not learn.
DIRECTIONS = {"grid": -1, "qualifying_gap_pct": -1, "driver_race_rating": 1, "team_race_rating": 1}
_TREE = ("eta", "max_depth", "min_child_weight", "reg_lambda", "subsample", "colsample_bytree")


@dataclass(frozen=True)
class _Fitted(SaysPlaces):
    booster: xgb.Booster
    features: tuple[str, ...]
    params: Params
    validation_loss: float | None

    def scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the raw score per row, in nats before calibration."""
        return margins(self.booster, design(frame, self.features, PLAN).to_numpy())

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the exact Shapley values of the trees per row and feature, its transforms added up."""
        made = design(frame, self.features, PLAN)
        columns = [name.rsplit(".", 1)[0] for name in made.columns]
        table = pd.DataFrame(shapley(self.booster, made.to_numpy(), made.columns), index=frame.index, columns=columns)
        return table.T.groupby(level=0, sort=False).sum().T[list(self.features)]

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row."""
        return front_and_field(
            self.scores(frame),
            frame["race_id"].to_numpy(),
            front=self.params["temperature"],
            field=self.params["temperature_field"],
            retire=self.params["retire"],
        )

    def save(self, folder: Path) -> None:
        """Write `booster.ubj` and `estimator.json`."""
        self.booster.save_model(folder / "booster.ubj")
        content = {"features": list(self.features), "params": self.params, "validation_loss": self.validation_loss}
        (folder / "estimator.json").write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


class PlackettLuceTrees:
    """The listwise booster."""

    name = "plackett_luce_trees"
    also = ("xgboost",)
    role: Role = "model"
    traits = Traits("UBJ, JSON", stops=True)
    # Four columns beat the whole set of thirty by .05 nats (real seasons 2006-2014 and the synthetic world).
    needs: tuple[str, ...] | None = ("grid", "qualifying_gap_pct", "driver_race_rating", "team_race_rating")
    takes_any = True

    def default(self) -> Params:
        """Return shallow, slow, regularised trees: a few thousand car-races hold no deep interactions."""
        return {
            "eta": 0.1,
            "max_depth": 2,
            "min_child_weight": 2.0,
            "reg_lambda": 4.0,
            "subsample": 0.7,
            "colsample_bytree": 0.6,
            "focus": 2.0,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return {
            "eta": trial.suggest_float("eta", 0.02, 0.3, log=True),
            "max_depth": trial.suggest_int("max_depth", 1, 3),
            "min_child_weight": trial.suggest_float("min_child_weight", 0.2, 6.0, log=True),
            "reg_lambda": trial.suggest_float("reg_lambda", 0.3, 30.0, log=True),
            "subsample": trial.suggest_float("subsample", 0.5, 1.0),
            "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
            "focus": trial.suggest_float("focus", 0.8, 8.0, log=True),
        }

    def fit(self, data: FitInput) -> _Fitted:
        """Boost until the validation loss stops falling, or for `params["rounds"]` rounds without validation."""
        import xgboost as xgb

        # Sorted, so that the order of rows cannot reach the model through sums or samples.
        frame, outcome = sorted_rows(data.frame, data.outcome)
        params = data.params
        features = tuple(feature_columns(frame))
        races = orders(frame["race_id"].to_numpy(), outcome, params["focus"])
        train = xgb.DMatrix(design(frame, features, PLAN), nthread=THREADS)
        later = None if data.validation is None else _Validation.of(data.validation, features, params["focus"])
        booster = xgb.train(
            _settings(params, data.seed, list(train.feature_names or [])),
            train,
            num_boost_round=int(params.get("rounds", MOST_ROUNDS)),
            obj=lambda margin, _: _objective(margin, races),
            **_looked_at(later, data, train, races),
            verbose_eval=False,
        )
        return _settle(booster, features, params, later)

    def load(self, folder: Path) -> _Fitted:
        """Read what `save` wrote."""
        import xgboost as xgb

        booster = xgb.Booster()
        booster.load_model(folder / "booster.ubj")
        booster.set_param({"nthread": THREADS})
        content = json.loads((folder / "estimator.json").read_text(encoding="utf-8"))
        return _Fitted(booster, tuple(content["features"]), content["params"], content["validation_loss"])


@dataclass(frozen=True)
class _Validation:
    """Later races that decide when to stop and how bold to be."""

    matrix: xgb.DMatrix
    races: Orders
    finished: np.ndarray
    finishers: Orders

    @classmethod
    def of(cls, labelled: Labelled, features: tuple[str, ...], focus: float) -> _Validation:
        import xgboost as xgb

        frame, outcome = labelled
        return cls(
            xgb.DMatrix(design(frame, features, PLAN), nthread=THREADS),
            orders(frame["race_id"].to_numpy(), outcome, focus),
            *finishers(frame["race_id"].to_numpy(), outcome),
        )

    def metric(self, margin: np.ndarray, _: xgb.DMatrix) -> tuple[str, float]:
        return "winner_loss", winner_loss(margin.astype(np.float64), self.races)


def _objective(margin: np.ndarray, races: Orders) -> tuple[np.ndarray, np.ndarray]:
    first, second = gradient(margin.astype(np.float64), races)
    return first, np.maximum(second, 1e-6)


def _settings(params: Params, seed: int, columns: list[str]) -> dict[str, Any]:
    signs = tuple(DIRECTIONS.get(name.rsplit(".", 1)[0], 0) for name in columns)
    return {
        **{name: params[name] for name in _TREE},
        "monotone_constraints": signs,
        "base_score": 0.0,
        "tree_method": "hist",
        "disable_default_eval_metric": True,
        "nthread": THREADS,
        "seed": seed,
    }


def _looked_at(later: _Validation | None, data: FitInput, train: xgb.DMatrix, races: Orders) -> dict[str, Any]:
    """Return whose loss is measured after each round: that of later races, which say when to stop, else that of the training races."""
    import xgboost as xgb

    if later is not None:
        stop = xgb.callback.EarlyStopping(rounds=PATIENCE, metric_name="winner_loss", maximize=False, save_best=True)
        evals = [(later.matrix, "validation")]
        return {"evals": evals, "custom_metric": later.metric, "callbacks": [progress(data.report), stop]}
    if (heard := data.hears("plackett_luce_loss")) is None:
        return {}

    def measure(margin: np.ndarray, _: xgb.DMatrix) -> tuple[str, float]:
        return "plackett_luce_loss", loss(margin.astype(np.float64), races)

    return {"evals": [(train, "train")], "custom_metric": measure, "callbacks": [progress(from_one(heard))]}


def _settle(booster: xgb.Booster, features: tuple[str, ...], params: Params, later: _Validation | None) -> _Fitted:
    if later is None:
        return _Fitted(booster, features, {"temperature": 1.0, "temperature_field": 1.0, "retire": 0.0, **params}, None)
    margin = booster.predict(later.matrix, output_margin=True).astype(np.float64)
    factor = temperature(margin, later.races)
    settled = {
        **params,
        "rounds": booster.num_boosted_rounds(),
        "temperature": factor,
        "temperature_field": temperature(margin[later.finished], later.finishers, loss),
        "retire": float(1.0 - later.finished.mean()),
    }
    return _Fitted(booster, features, settled, winner_loss(margin / factor, later.races))


ESTIMATOR = PlackettLuceTrees()
