"""A blend: the weighted mean of answers of named estimators, each with parameters of its own. Who they are is said, not learned.

A search over estimators ends with one: its parameters hold all that a refit needs. A member may stand in it twice, with other parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.keys import SPINE_NAMES
from pitwall.ml.estimators import estimator
from pitwall.ml.estimators._estimator import Explains, FitInput, Fitted, Params, Role, Traits, Trial
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"
MEMBERS = "members"  # of the parameters: a list of {estimator, params, weight}, and features where it does not read all
ESTIMATOR, PARAMS, WEIGHT, FEATURES = "estimator", "params", "weight", "features"
TRAITS = Traits("JSON, UBJ, npz, text, CBM", devices=("cpu", "cuda"), libraries=("lightgbm", "catboost"))
Member = Mapping[str, Any]


def member(name: str, params: Params, weight: float, features: Sequence[str] | None = None) -> dict[str, Any]:
    """Return one entry of the parameter `members`.

    Args:
        name: of the estimator.
        params: its own.
        weight: from 0 up; weights are shares of their sum.
        features: that it reads; those that it names itself, else all of the frame, when None.
    """
    entry = {ESTIMATOR: name, PARAMS: params, WEIGHT: weight}
    return entry if features is None else {**entry, FEATURES: list(features)}


def _features(family: str, entry: Member) -> Sequence[str] | None:
    """Return what a member reads: what it would learn from if it stood alone; None for all of the frame."""
    found: Sequence[str] | None = entry.get(FEATURES, estimator(family, entry[ESTIMATOR]).needs)
    return found


def _read(features: Sequence[str] | None, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the spine and features."""
    return frame if features is None else frame[[*(name for name in frame if name in SPINE_NAMES), *features]]


@dataclass(frozen=True)
class FittedBlend:
    """Fitted members, in the order of their parameters."""

    family: str
    members: tuple[Fitted, ...]
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the weighted mean of what the members answer, per column."""
        return weighted_mean(_shares(self.params), [each.answer(rows) for _, each, rows in self._parts(frame)])

    def save(self, folder: Path) -> None:
        """Write `estimator.json`, and each member into a folder with its number and name."""
        for name, each in zip(_folders(self.params), self.members, strict=True):
            (folder / name).mkdir(exist_ok=True)
            each.save(folder / name)
        content = {"params": self.params, "validation_loss": self.validation_loss}
        (folder / FILE).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @cached_property
    def _read_by(self) -> tuple[Sequence[str] | None, ...]:
        """What each member reads; looked up once, since discovery takes as long as an answer."""
        return tuple(_features(self.family, entry) for entry in self.params[MEMBERS])

    def _parts(self, frame: pd.DataFrame) -> list[tuple[float, Fitted, pd.DataFrame]]:
        rows = [_read(features, frame) for features in self._read_by]
        return list(zip(_shares(self.params), self.members, rows, strict=True))


@dataclass(frozen=True)
class ExplainedBlend(FittedBlend):
    """The same of members that all tell what each feature adds: the mean score, and what features add to it on average."""

    def scores(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the weighted mean of the members' scores, before their calibration."""
        return np.asarray(sum(share * _told(each).scores(rows) for share, each, rows in self._parts(frame)))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the weighted mean of what each feature adds; nothing by a member that does not read it."""
        added = [share * _told(each).contributions(rows) for share, each, rows in self._parts(frame)]
        columns = list(dict.fromkeys(name for table in added for name in table))
        aligned = (table.reindex(columns=columns, fill_value=0.0) for table in added)
        return reduce(lambda left, right: left + right, aligned)


@dataclass(frozen=True)
class Blend:
    """The plug-in.

    Attributes:
        family: of the members.
        loss: of an answer, by the outcome.
        usual: who are its members where nobody says, in equal parts.
        name: of the estimator.
    """

    family: str
    loss: Callable[[pd.DataFrame, pd.DataFrame], float]
    usual: tuple[str, ...]
    name: str = "blend"
    role: Role = "model"
    needs: tuple[str, ...] | None = None
    by_name: bool = True
    pools: bool = True
    traits: Traits = TRAITS

    def default(self) -> Params:
        """Return the usual members at their defaults."""
        return {
            MEMBERS: [
                member(name, estimator(self.family, name).default(), 1.0 / len(self.usual)) for name in self.usual
            ]
        }

    def space(self, trial: Trial) -> Params:
        """Return the default: members are named by whoever searched."""
        return self.default()

    def fit(self, data: FitInput) -> FittedBlend:
        """Fit every member; later races settle each as if it stood alone.

        Raises:
            UsageError: the parameters name no members, or no weight is above 0.
        """
        checked(data.params)
        frame, outcome = sorted_rows(data.frame, data.outcome)
        settled, fitted = [], []
        for entry in data.params[MEMBERS]:
            plugin = estimator(self.family, entry[ESTIMATOR])
            features = _features(self.family, entry)
            later = data.validation and (_read(features, data.validation[0]), data.validation[1])
            own = _read(features, frame)
            rows = FitInput(own, outcome, dict(entry[PARAMS]), data.seed, later, None, data.start)
            found = plugin.fit(rows)
            fitted.append(found)
            settled.append({**entry, PARAMS: dict(sorted(found.params.items())), WEIGHT: float(entry[WEIGHT])})
        made = self._fitted(tuple(fitted), {**data.params, MEMBERS: settled}, None)
        if data.validation is None:
            return made
        loss = self.loss(made.answer(data.validation[0]), data.validation[1])
        if data.report is not None:
            data.report(0, loss)
        return replace(made, validation_loss=loss)

    def load(self, folder: Path) -> FittedBlend:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        params = content["params"]
        members = (
            estimator(self.family, entry[ESTIMATOR]).load(folder / name)
            for entry, name in zip(params[MEMBERS], _folders(params), strict=True)
        )
        return self._fitted(tuple(members), params, content["validation_loss"])

    def _fitted(self, members: tuple[Fitted, ...], params: Params, loss: float | None) -> FittedBlend:
        kind = ExplainedBlend if all(isinstance(each, Explains) for each in members) else FittedBlend
        return kind(self.family, members, params, loss)


def weighted_mean(weights: Sequence[float], answers: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the sum of weight x answer per column, on arrays: sums of tables take as long as a small model's answer."""
    first = answers[0]
    same = (each if each.columns.equals(first.columns) else each[first.columns] for each in answers)
    parts = (weight * each.to_numpy() for weight, each in zip(weights, same, strict=True))
    return pd.DataFrame(reduce(lambda left, right: left + right, parts), index=first.index, columns=first.columns)


def checked(params: Params) -> None:
    """Raise UsageError unless the parameters name members with weights of which none is below 0 and one is above."""
    entries: Sequence[Member] = params.get(MEMBERS) or ()
    wrong = [entry for entry in entries if not {ESTIMATOR, PARAMS, WEIGHT} <= set(entry) or not entry[WEIGHT] >= 0]
    if wrong or not sum(float(entry[WEIGHT]) for entry in entries) > 0:
        raise UsageError(
            f"a blend needs `{MEMBERS}`, a list of {{{ESTIMATOR}, {PARAMS}, {WEIGHT}}} with weights from 0 up, one of them above; "
            f"found {wrong[0] if wrong else list(entries)}."
        )


def _shares(params: Params) -> list[float]:
    """Return the weights, which sum to one: a blend of chances is chances."""
    weights = [float(entry[WEIGHT]) for entry in params[MEMBERS]]
    return [weight / sum(weights) for weight in weights]


def _folders(params: Params) -> list[str]:
    return [f"{number}_{entry[ESTIMATOR]}" for number, entry in enumerate(params[MEMBERS])]


def _told(fitted: Fitted) -> Explains:
    assert isinstance(fitted, Explains)
    return fitted
