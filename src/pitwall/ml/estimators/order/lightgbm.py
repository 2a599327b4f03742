"""LightGBM's LambdaRank on whole races, its scores turned into places by the same Plackett-Luce machinery as the listwise trees.

LambdaRank learns which of two cars comes first, and most of all at the front; its scores have no unit. Two temperatures (winner,
finishers) give them one. They are fitted on later races, else on the last of the training races by trees of those before them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Labelled, Params, Report, Role, Traits, Trial
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.estimators.order._plackett_luce import finishers, loss, orders, temperature, winner_loss
from pitwall.ml.estimators.shared.design import design
from pitwall.ml.estimators.shared.learners.lightgbm import BoostedTrees, grow
from pitwall.ml.estimators.shared.learners.space import Real, Space, Whole, choose
from pitwall.ml.estimators.shared.sorting import last_races, sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch
from pitwall.ml.families.order.plackett_luce import front_and_field
from pitwall.ml.rows import feature_columns

FILE, TREES = "estimator.json", "booster.txt"
NEEDS = ("grid", "qualifying_gap_pct", "driver_race_rating", "team_race_rating")  # as the listwise trees
PLAN = {"*": ("z",), "grid": ("log",)}
# A better slot, a smaller gap or a higher rating never makes a car slower.
SIGNS = {"grid": -1, "qualifying_gap_pct": -1, "driver_race_rating": 1, "team_race_rating": 1}
MOST_ROUNDS = 300
GRADES = 8  # of how well a car did: the winner has the highest, a car from the eighth place on none
LATE = 0.2  # of the training races: they tell the temperatures where no later races do
SETTLED = ("temperature", "temperature_field", "retire")
RANGES: Space = {
    "learning_rate": Real(0.02, 0.2, log=True),
    "num_leaves": Whole(2, 16, log=True),
    "min_data_in_leaf": Whole(10, 200, log=True),
    "lambda_l2": Real(0.3, 30.0, log=True),
    "bagging_fraction": Real(0.5, 1.0),
    "feature_fraction": Real(0.4, 1.0),
}


@dataclass(frozen=True)
class FittedRanks(SaysPlaces):
    """The trees, and in `params` the temperatures of their scores."""

    trees: BoostedTrees
    params: Params
    validation_loss: float | None = None
    features: tuple[str, ...] = NEEDS

    def scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the raw score per row, before any temperature."""
        return self.trees.scores(_values(frame, self.features))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the exact Shapley values of the trees per row and feature."""
        return pd.DataFrame(
            self.trees.contributions(_values(frame, self.features)), index=frame.index, columns=list(self.features)
        )

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row."""
        front, field, retire = (self.params[name] for name in SETTLED)
        return front_and_field(self.scores(frame), frame["race_id"].to_numpy(), front=front, field=field, retire=retire)

    def save(self, folder: Path) -> None:
        """Write `booster.txt` and `estimator.json`."""
        self.trees.save(folder / TREES)
        content: dict[str, Any] = {"params": self.params, "validation_loss": self.validation_loss}
        if self.features != NEEDS:
            content["features"] = self.features
        (folder / FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


class LambdaRank:
    """The plug-in."""

    name = "lightgbm"
    role: Role = "model"
    needs: tuple[str, ...] | None = NEEDS
    takes_any = True
    by_name = True
    traits = Traits("text, JSON", stops=True, libraries=("lightgbm",))

    def default(self) -> Params:
        """Return shallow, slow trees: a few thousand car-races hold no deep interactions."""
        return {
            "learning_rate": 0.05,
            "num_leaves": 4,
            "min_data_in_leaf": 40,
            "lambda_l2": 4.0,
            "bagging_fraction": 0.7,
            "feature_fraction": 0.6,
        }

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        return choose(trial, RANGES)

    def fit(self, data: FitInput) -> FittedRanks:
        """Boost until later races are ranked no better, or for the settled rounds; their scores get their temperatures."""
        rows = sorted_rows(data.frame, data.outcome)
        features = tuple(feature_columns(rows[0]))
        trees = _grown(rows, data)
        params = {**data.params, **trees.settled}
        if data.validation is not None:
            later = sorted_rows(*data.validation)
            score, races = (
                trees.scores(_values(later[0], features)),
                orders(later[0]["race_id"].to_numpy(), later[1], 1.0),
            )
            params |= _temperatures(score, later)
            return FittedRanks(trees, params, winner_loss(score / params["temperature"], races), features)
        if not set(SETTLED) <= set(params):
            late = last_races(rows[0], LATE)
            parts = [tuple(part[which].reset_index(drop=True) for part in rows) for which in (~late, late)]
            before, after = parts if late.any() else (rows, rows)
            early = _grown(before, replace(data, params=params, heard=None))
            params |= _temperatures(early.scores(_values(after[0], features)), after)
        return FittedRanks(trees, params, None, features)

    def load(self, folder: Path) -> FittedRanks:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        trees = BoostedTrees.read((folder / TREES).read_text(encoding="utf-8"), {})
        return FittedRanks(trees, content["params"], content["validation_loss"], tuple(content.get("features", NEEDS)))


def _values(frame: pd.DataFrame, features: tuple[str, ...]) -> np.ndarray:
    return np.asarray(design(frame, features, PLAN).to_numpy(dtype=np.float64))


def _rows(labelled: Labelled) -> tuple[TreeRows, np.ndarray]:
    """Return rows with their grade, and how many cars each race has."""
    frame, outcome = labelled
    grade = np.maximum(GRADES - outcome["place"].to_numpy(dtype=np.float64), 0.0)
    sizes = frame.groupby("race_id", sort=False).size().to_numpy()
    features = tuple(feature_columns(frame))
    return TreeRows(_values(frame, features), features, grade), sizes


def _grown(labelled: Labelled, data: FitInput) -> BoostedTrees:
    rows, sizes = _rows(labelled)
    rows = replace(rows, heard=_falling(data.hears("one_minus_ndcg")))
    watch, watched = None, None
    if data.validation is not None:
        later, watched = _rows(sorted_rows(*data.validation))
        watch = Watch(later, _falling(data.report))
    settings = {
        **data.params,
        "objective": "lambdarank",
        "metric": "ndcg",
        "eval_at": [3],
        "monotone_constraints": [SIGNS.get(name, 0) for name in rows.names],
    }
    rounds = MOST_ROUNDS if watch else max(1, int(data.params.get("rounds", MOST_ROUNDS // 3)))
    keys = ("eval_at", "monotone_constraints")
    return grow(rows, settings, rounds, seed=data.seed, watch=watch, groups=(sizes, watched), keys=keys)


def _falling(report: Report | None) -> Report | None:
    """Return a report of what falls as ranks get better."""
    return None if report is None else lambda step, ndcg: report(step, 1.0 - ndcg)


def _temperatures(score: np.ndarray, later: Labelled) -> Params:
    race = later[0]["race_id"].to_numpy()
    kept, field = finishers(race, later[1])
    return {
        "temperature": temperature(score, orders(race, later[1], 1.0)),
        "temperature_field": temperature(score[kept], field, loss),
        "retire": float(1.0 - kept.mean()),
    }


ESTIMATOR = LambdaRank()
