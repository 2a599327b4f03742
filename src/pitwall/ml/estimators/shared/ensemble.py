"""An ensemble: the weighted mean of the answers of a family's other models, its members picked by how they foresaw races.

Only the rows that it is given decide. Each member is settled once (stopping, slope), then forecasts the last races of the training
rows from those before them, and members are picked by these forecasts. Who was picked is settled into the parameters, so a refit
fits the members alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pitwall.ml.estimators import estimator, estimators
from pitwall.ml.estimators._estimator import FitInput, Fitted, Labelled, Params, Role, Traits, Trial
from pitwall.ml.estimators.shared.blend import weighted_mean
from pitwall.ml.estimators.shared.selection import selected
from pitwall.ml.estimators.shared.sorting import last_races, sorted_rows

FILE = "estimator.json"
FOLD = 0.15  # of the training races
MEMBERS, WEIGHTS = "members", "weights"  # of the settled parameters
TRAITS = Traits("JSON, UBJ, npz, text", stops=True, devices=("cpu", "cuda"), libraries=("lightgbm",))
Lost = Callable[[pd.DataFrame, pd.DataFrame], float]


@dataclass(frozen=True)
class FittedEnsemble:
    """Fitted members and their weights."""

    members: Mapping[str, Fitted]
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the weighted mean of what the members answer, per column."""
        weights = [self.params[WEIGHTS][name] for name in self.members]
        return weighted_mean(weights, [member.answer(frame) for member in self.members.values()])

    def save(self, folder: Path) -> None:
        """Write `estimator.json`, and each member into a folder of its name."""
        for name, member in self.members.items():
            (folder / name).mkdir(exist_ok=True)
            member.save(folder / name)
        content = {"params": self.params, "validation_loss": self.validation_loss}
        (folder / FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Ensemble:
    """The plug-in.

    Attributes:
        family: whose models may be members: all but ensembles.
        loss: of an answer, by the outcome.
        without: models that are left out.
        name: of the estimator.
    """

    family: str
    loss: Lost
    without: tuple[str, ...] = ("catboost", "gradient_boosting")  # slow, and two other boosted trees say the same
    name: str = "ensemble"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    by_name: bool = True
    pools: bool = True  # other estimators: no member of another pool
    traits: Traits = TRAITS

    def default(self) -> Params:
        """Return how often members are picked, and from how many forecasts of the last races."""
        return {"picks": 20, "folds": 2}

    def space(self, trial: Trial) -> Params:
        """Return the default: members are picked, not searched."""
        return self.default()

    def fit(self, data: FitInput) -> FittedEnsemble:
        """Settle the library and pick from it, where `params` have not settled that already; then fit who was picked."""
        rows = sorted_rows(data.frame, data.outcome)
        data = replace(data, frame=rows[0], outcome=rows[1])
        params = dict(data.params)
        if WEIGHTS not in params:
            settled = self._settled(data)
            weights = self._weights(rows, settled, data)
            params |= {WEIGHTS: weights, MEMBERS: {name: settled[name] for name in weights}}
        params[WEIGHTS] = dict(sorted(params[WEIGHTS].items()))
        fitted = FittedEnsemble(
            {name: self._fit(name, rows, params[MEMBERS][name], data) for name in params[WEIGHTS]}, params
        )
        if data.validation is None:
            return fitted
        loss = self.loss(fitted.answer(data.validation[0]), data.validation[1])
        if data.report is not None:
            data.report(len(params[WEIGHTS]), loss)
        return replace(fitted, validation_loss=loss)

    def load(self, folder: Path) -> FittedEnsemble:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        names = content["params"][WEIGHTS]
        members = {name: estimator(self.family, name).load(folder / name) for name in names}
        return FittedEnsemble(members, content["params"], content["validation_loss"])

    def _library(self) -> list[str]:
        return sorted(set(filter(self._may_join, estimators(self.family))) - set(self.without))

    def _may_join(self, name: str) -> bool:
        """Return whether a plug-in is a model of any frame: none that asks for ids or features of its own, or is of one question."""
        plugin = estimator(self.family, name)
        particular = plugin.needs is not None or any(getattr(plugin, each, ()) for each in ("ids", "models"))
        return plugin.role == "model" and not particular and not getattr(plugin, "pools", False)

    def _settled(self, data: FitInput) -> dict[str, Params]:
        """Return each member's parameters, completed by later races: those given, else the last ones of the training rows."""
        train, later = (data.frame, data.outcome), data.validation
        if later is None:
            late = last_races(data.frame, FOLD)
            if not late.any():
                return {name: estimator(self.family, name).default() for name in self._library()}
            train, later = _part(train, ~late), _part(train, late)
        found = {}
        for step, name in enumerate(self._library()):
            plugin = estimator(self.family, name)
            fitted = plugin.fit(FitInput(*train, plugin.default(), data.seed, later))
            found[name] = dict(fitted.params)
            if data.report is not None and data.validation is not None and fitted.validation_loss is not None:
                data.report(step - len(self._library()), fitted.validation_loss)
        return found

    def _weights(self, rows: Labelled, settled: Mapping[str, Params], data: FitInput) -> dict[str, float]:
        """Return who is picked by forecasts of the last races of the training rows, each from the races before it."""
        folds = [_fold(rows[0], number) for number in reversed(range(int(data.params["folds"])))]
        if not all(before.any() and now.any() for before, now in folds):
            return {name: 1.0 / len(settled) for name in settled}
        outcome = pd.concat([rows[1][now] for _, now in folds], ignore_index=True)
        said: dict[str, list[pd.DataFrame]] = {name: [] for name in settled}
        for before, now in folds:
            past = _part(rows, before)
            for name, params in settled.items():
                said[name].append(self._fit(name, past, params, data).answer(_part(rows, now)[0]))
        answers = {name: pd.concat(parts, ignore_index=True) for name, parts in said.items()}
        return selected(answers, lambda answer: self.loss(answer, outcome), int(data.params["picks"]))

    def _fit(self, name: str, rows: Labelled, params: Params, data: FitInput) -> Fitted:
        return estimator(self.family, name).fit(FitInput(*rows, params, data.seed))


def _fold(frame: pd.DataFrame, number: int) -> tuple[pd.Series, pd.Series]:
    """Return the rows to learn from and those to forecast; fold 0 forecasts the last races, fold 1 those before them, ..."""
    after = last_races(frame, FOLD * number) if number else pd.Series(False, index=frame.index)
    late = last_races(frame, FOLD * (number + 1))
    return pd.Series(~late, index=frame.index), pd.Series(late & ~after, index=frame.index)


def _part(rows: Labelled, which: pd.Series) -> Labelled:
    return rows[0][which].reset_index(drop=True), rows[1][which].reset_index(drop=True)
