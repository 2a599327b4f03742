"""Models of a slope that a learner makes on what the running slope leaves over, as wide as their errors on later seasons were.

Later races decide how long it learns, which is a parameter from then on; the seasons before each one are learned again for the spread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.curve._running import Running, own_features, told_of
from pitwall.ml.estimators.curve._spread import Spread, crps
from pitwall.ml.estimators.shared.learners.learner import Attributes, Learned
from pitwall.ml.estimators.shared.learners.plugin import OfLearner
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch

FILE = "estimator.json"


@dataclass(frozen=True)
class Middle:
    """The running slope, what was learned on top of it, and the columns that are read."""

    running: Running
    learned: Learned
    names: tuple[str, ...]

    def of(self, frame: pd.DataFrame) -> Array:
        """Return the slope of each row."""
        own = own_features(frame)
        return self.running.of(own) + self.learned.scores(_values(own, self.names))


@dataclass(frozen=True)
class FittedSlopes:
    """What was learned and the spread of its errors on later seasons; `file` is the learner's."""

    middle: Middle
    spread: Spread
    file: str
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return self.spread.answer(self.middle.of(frame), frame.index)

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the middle of the slope of each row."""
        return self.middle.of(frame)

    def save(self, folder: Path) -> None:
        """Write the learner's file and `estimator.json`."""
        self.middle.learned.save(folder / self.file)
        content = {
            "otherwise": self.middle.running.otherwise,
            "names": self.middle.names,
            "spread": self.spread.at,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class ExplainedSlopes(FittedSlopes):
    """The same of a learner that tells what each feature adds."""

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the running slope and to what was learned on top of it."""
        learned, names = self.middle.learned, list(self.middle.names)
        assert isinstance(learned, Attributes)
        own = own_features(frame)
        added = pd.DataFrame(learned.contributions(_values(own, self.middle.names)), frame.index, names)
        return told_of(added.add(self.middle.running.parts(own), fill_value=0.0), frame)


@dataclass(frozen=True)
class Slopes(OfLearner):
    """The plug-in."""

    def fit(self, data: FitInput) -> FittedSlopes:
        """Learn until the error of later races stops falling, then from the seasons before each one for the spread."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        middle = self._middle(frame, value, data, first=True)
        settled = replace(data, params={**data.params, **middle.learned.settled})
        spread = Spread.learn(frame, value, lambda rows, seen: self._middle(rows, seen, settled).of)
        fitted = self._fitted(middle, spread, settled.params)
        if data.validation is None:
            return fitted
        later, after = data.validation
        return replace(fitted, validation_loss=crps(fitted.answer(later), after["value"].to_numpy(dtype=np.float64)))

    def load(self, folder: Path) -> FittedSlopes:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        learned = self.learner.load(folder / self.learner.file)
        middle = Middle(Running(content["otherwise"]), learned, tuple(content["names"]))
        return self._fitted(middle, Spread(tuple(content["spread"])), content["params"], content["validation_loss"])

    def _fitted(self, middle: Middle, spread: Spread, params: Params, loss: float | None = None) -> FittedSlopes:
        kind = ExplainedSlopes if isinstance(middle.learned, Attributes) else FittedSlopes
        return kind(middle, spread, self.learner.file, params, loss)

    def _middle(self, frame: pd.DataFrame, value: Array, data: FitInput, *, first: bool = False) -> Middle:
        """Return what was learned from some rows; later races look on, and it is told how it goes, the first time."""
        running, watch = Running.learn(value), None
        if first and data.validation is not None:
            later, after = sorted_rows(*data.validation)
            watch = Watch(_rows(later, after["value"].to_numpy(dtype=np.float64), running), data.report)
        rows = _rows(frame, value, running)
        rows = replace(rows, heard=data.hears("mae")) if first else rows
        learned = self.learner.learn(rows, "absolute", data.params, seed=data.seed, watch=watch)
        return Middle(running, learned, tuple(rows.names))


def _rows(frame: pd.DataFrame, value: Array, running: Running) -> TreeRows:
    own = own_features(frame)
    names = tuple(own.columns)
    return TreeRows(_values(own, names), names, value - running.of(own))


def _values(own: pd.DataFrame, names: tuple[str, ...]) -> Array:
    return np.asarray(own[list(names)].to_numpy(dtype=np.float64))
