"""A stack: the linear pool of other estimators, with weights from earlier seasons only.

Each season of the training data is predicted by members that learned from the seasons before it, and the weights are
those that would have foreseen these seasons best. They are found again at every fit, so a walk-forward never looks ahead
and a surprise changes what the next season's forecast leaves to outsiders.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators import estimator
from pitwall.ml.estimators._estimator import Explains, FitInput, Params, Role, Trial
from pitwall.ml.estimators.order._few_features import NEEDS
from pitwall.ml.estimators.order._logit import LinearOrder, design_of, winners_loss
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.estimators.order._pool import pool_weights, pooled
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"
MEMBERS = ("conditional_logit", "winner_logit")
BURN_IN = 2  # seasons that the members learn from before their first forecast counts


@dataclass(frozen=True)
class Weights:
    """Weights of the members for the winner's place and for the places behind."""

    winner: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class FittedStack(SaysPlaces):
    """Fitted members and their weights."""

    members: dict[str, SaysPlaces]
    weights: Weights
    params: Params
    validation_loss: float | None = None

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row."""
        return pooled(
            _all_said(self.members, frame), frame["race_id"].to_numpy(), self.weights.winner, self.weights.places
        )

    def scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the scores of the member that orders the field, the one with the largest weight behind the winner."""
        return np.asarray(self._leading.scores(frame))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to `scores`, rows x features, in nats."""
        return self._leading.contributions(frame)

    @property
    def _leading(self) -> Explains:
        leading = list(self.members.values())[int(np.argmax(self.weights.places))]
        assert isinstance(leading, Explains)
        return leading

    def save(self, folder: Path) -> None:
        """Write `estimator.json`, and each member into a folder of its name."""
        for name, member in self.members.items():
            (folder / name).mkdir(exist_ok=True)
            member.save(folder / name)
        content = {
            "members": list(self.members),
            "winner": self.weights.winner.tolist(),
            "places": self.weights.places.tolist(),
            "params": self.params,
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


class Stack:
    """The plug-in."""

    name = "stack"
    also = ("ensemble",)
    role: Role = "model"
    settles = False  # validation races measure a loss and decide nothing
    needs: tuple[str, ...] | None = NEEDS

    def default(self) -> Params:
        """Return the members' constants, and how many foreseen events each member is given in advance."""
        return {"focus": 8.0, "half_life": 6.0, "drop_share": 0.3, "prior": 2.0}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial, near the default: three seasons cannot tell far ones apart."""
        return {
            "focus": trial.suggest_float("focus", 6.0, 11.0, log=True),
            "half_life": trial.suggest_float("half_life", 4.0, 9.0, log=True),
            "drop_share": trial.suggest_float("drop_share", 0.2, 0.45),
            "prior": trial.suggest_float("prior", 1.0, 5.0, log=True),
        }

    def fit(self, data: FitInput) -> FittedStack:
        """Weigh the members by their walk-forward forecasts of the training seasons, then fit them on all of it."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        weights = _weights(frame, outcome, data.params, data.seed)
        fitted = FittedStack(_fit(frame, outcome, data.params, data.seed), weights, dict(data.params))
        if data.validation is None:
            return fitted
        loss = winners_loss(fitted.positions(data.validation[0]), data.validation[1])
        if data.report is not None:
            data.report(0, loss)
        return replace(fitted, validation_loss=loss)

    def load(self, folder: Path) -> FittedStack:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        members = {name: _loaded(name, folder / name) for name in content["members"]}
        weights = Weights(np.array(content["winner"]), np.array(content["places"]))
        return FittedStack(members, weights, content["params"], content["validation_loss"])


def _loaded(name: str, folder: Path) -> SaysPlaces:
    member = estimator("order", name).load(folder)
    assert isinstance(member, SaysPlaces)
    return member


def _fit(frame: pd.DataFrame, outcome: pd.DataFrame, params: Params, seed: int) -> dict[str, SaysPlaces]:
    """Fit every member with its own defaults and the constants that all of them share."""
    members: dict[str, SaysPlaces] = {}
    for name in MEMBERS:
        plugin = estimator("order", name)
        own = plugin.default()
        shared = {key: params[key] for key in own if key in params}
        fitted = plugin.fit(FitInput(frame, outcome, {**own, **shared}, seed))
        assert isinstance(fitted, SaysPlaces)
        members[name] = fitted
    return members


def _all_said(members: Mapping[str, SaysPlaces], frame: pd.DataFrame) -> list[Positions]:
    """Return what each member says; the columns that linear members have in common are made once."""
    designs: dict[tuple[str, ...], np.ndarray] = {}
    said = []
    for member in members.values():
        if isinstance(member, LinearOrder):
            if member.columns not in designs:
                designs[member.columns] = design_of(frame, member.columns)
            said.append(member.positions_from(designs[member.columns], frame))
        else:
            said.append(member.positions(frame))
    return said


def _weights(frame: pd.DataFrame, outcome: pd.DataFrame, params: Params, seed: int) -> Weights:
    """Return the weights that would have foreseen the training seasons best, each predicted from those before it."""
    winners, places = [np.empty((0, len(MEMBERS)))], [np.empty((0, len(MEMBERS)))]
    for season in sorted(set(frame["season"]))[BURN_IN:]:
        before, test = (frame["season"] < season).to_numpy(), (frame["season"] == season).to_numpy()
        past = frame[before].reset_index(drop=True), outcome[before].reset_index(drop=True)
        now, place = frame[test].reset_index(drop=True), outcome.loc[test, "place"].to_numpy(dtype=np.int64)
        said = np.stack(_all_said(_fit(*past, params, seed), now), axis=2)
        came_true = said[np.arange(len(place)), place - 1]
        winners.append(came_true[place == 1])
        places.append(came_true)
    prior = params["prior"]
    return Weights(pool_weights(np.concatenate(winners), prior), pool_weights(np.concatenate(places), prior))


ESTIMATOR = Stack()
