"""A linear score of few features, and the position distribution that it stands for: what the conditional logits share.

The score is learned from eliminations (`reversed` Plackett-Luce) or from winners alone. Before the weekend nothing says
who is quick now; there the score is divided by how uncertain the ratings are, which flattens season openers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.order._elimination import conditional_logit, eliminations
from pitwall.ml.estimators.order._few_features import (
    NEEDS,
    WITHOUT_GRID,
    chosen_columns,
    few_features,
    told_by_feature,
    uncertainty,
    unclassified_rate,
)
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.estimators.order._winners import winner_logit
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.order.elimination import survival_probabilities
from pitwall.ml.families.order.plackett_luce import position_probabilities

FILE = "estimator.json"
USUAL_SD = 0.505  # the mean uncertainty of the real seasons 2005-2014: there the factor is one
Distribution = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
Learn = Callable[[np.ndarray, pd.DataFrame, pd.DataFrame, Params], np.ndarray]


def from_eliminations(matrix: np.ndarray, frame: pd.DataFrame, outcome: pd.DataFrame, params: Params) -> np.ndarray:
    """Return coefficients learned from who fell back, the front counting most."""
    return conditional_logit(
        matrix, eliminations(frame, outcome, params["focus"], params["half_life"]), params["ridge"]
    )


def from_winners(matrix: np.ndarray, frame: pd.DataFrame, outcome: pd.DataFrame, params: Params) -> np.ndarray:
    """Return coefficients learned from who won, and nothing else."""
    return winner_logit(matrix, frame, outcome, params["half_life"], params["ridge"])


def design_of(frame: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Return rows x columns; without a grid, divided by how uncertain the race's ratings are."""
    matrix = few_features(frame, columns)
    if columns != WITHOUT_GRID:
        return np.asarray(matrix)
    return np.asarray(matrix * (USUAL_SD / uncertainty(frame))[:, None])


def winners_loss(positions: Positions, outcome: pd.DataFrame) -> float:
    """Return the log loss of the winner, in nats per race."""
    won = outcome["place"].to_numpy() == 1
    return float(-np.log(np.maximum(positions[won, 0], 1e-9)).mean())


def lost_on(answer: pd.DataFrame, outcome: pd.DataFrame) -> float:
    """Return the same of an answer."""
    return winners_loss(np.asarray(answer, dtype=np.float64), outcome)


@dataclass(frozen=True)
class LinearOrder(SaysPlaces):
    """A fitted linear score; `distribution` turns (scores, race, drop) into rows x places."""

    columns: tuple[str, ...]
    coefficients: np.ndarray
    distribution: Distribution
    params: Params
    validation_loss: float | None = None

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row."""
        return self.positions_from(design_of(frame, self.columns), frame)

    def positions_from(self, design: np.ndarray, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row from columns that are made already: members of a stack share them."""
        drop = self.params["drop_share"] * unclassified_rate(frame)
        return np.asarray(self.distribution(design @ self.coefficients, frame["race_id"].to_numpy(), drop))

    def scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the score per row, in nats."""
        return np.asarray(design_of(frame, self.columns) @ self.coefficients)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature of the frame adds to the score, rows x features, in nats."""
        added = design_of(frame, self.columns) * self.coefficients
        return told_by_feature(added, self.columns, frame)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "coefficients": dict(zip(self.columns, self.coefficients.tolist(), strict=True)),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Logit:
    """The plug-in of a linear score.

    Attributes:
        name: of the plug-in.
        learn: (columns, frame, outcome, parameters) -> coefficients.
        distribution: (scores, race, drop) -> rows x places.
        defaults: its constants, by name.
        columns: frame -> the columns that it reads.
        models: whose questions it answers; None for all of the family.
    """

    name: str
    learn: Learn
    distribution: Distribution
    defaults: tuple[tuple[str, float], ...]
    columns: Callable[[pd.DataFrame], tuple[str, ...]] = chosen_columns
    models: tuple[str, ...] | None = None
    role: Role = "model"
    settles = False  # validation races measure a loss and decide nothing
    needs: tuple[str, ...] | None = NEEDS

    def default(self) -> Params:
        """Return the constants that seasons up to 2014 chose (docs/forecast-skill.md)."""
        return dict(self.defaults)

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial, near the default: three seasons cannot tell far ones apart."""
        chosen = {
            "half_life": trial.suggest_float("half_life", 4.0, 9.0, log=True),
            "ridge": trial.suggest_float("ridge", 0.2, 5.0, log=True),
            "drop_share": trial.suggest_float("drop_share", 0.2, 0.45),
        }
        if focus := dict(self.defaults).get("focus"):
            chosen["focus"] = trial.suggest_float("focus", 0.75 * focus, 1.375 * focus, log=True)
        return chosen

    def fit(self, data: FitInput) -> LinearOrder:
        """Learn the coefficients; the problem is convex, so the seed is not needed and the only step is the last."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        columns = self.columns(frame)
        coefficients = self.learn(design_of(frame, columns), frame, outcome, data.params)
        fitted = LinearOrder(columns, coefficients, self.distribution, dict(data.params))
        return measured(fitted, data, lambda later, seen: winners_loss(fitted.positions(later), seen))

    def load(self, folder: Path) -> LinearOrder:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        named = content["coefficients"]
        return LinearOrder(
            tuple(named),
            np.array(list(named.values())),
            self.distribution,
            content["params"],
            content["validation_loss"],
        )


def eliminated(scores: np.ndarray, race: np.ndarray, drop: np.ndarray) -> np.ndarray:
    """Return the distribution in which cars are eliminated from the back."""
    return survival_probabilities(scores, race, drop)


def drawn(scores: np.ndarray, race: np.ndarray, drop: np.ndarray) -> np.ndarray:
    """Return the distribution in which the winner is drawn first."""
    return position_probabilities(scores, race, drop)
