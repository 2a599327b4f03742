"""Models of a number that a learner makes on what a linear model leaves over: the middle, the usual size of its error, quantiles.

The line carries the level (a lap of Spa is twenty seconds longer than one of Monza), which trees can only learn by heart; the
learner carries what is not linear. A second, coarser one learns how far off the first usually is. Later races decide how long the
first one learns, which is a parameter from then on. The quantiles of the error in units of its usual size are those of races that
were not learned from: the later ones, else the last of the training races, beside learners of those before them.

A learner knows some of its own rows by heart, the more of them the fewer they are; what it misses there is less than what it will
miss. So the size of errors is learned from those that each half of the races makes on the other half. XGBoost's small trees alone,
which stop early, learn it from their own rows: their models were made so before the others came.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.regression._linear_fit import LinearFit
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.learners.learner import Attributes, Learned
from pitwall.ml.estimators.shared.learners.plugin import OfLearner
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.robust import log_size
from pitwall.ml.estimators.shared.sorting import every_other_race, last_races, sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"
RIDGE = 1.0
LATE = 0.2  # of the training races: they tell the spread


@dataclass(frozen=True)
class FittedParts:
    """A line, what was learned of the middle on top of it and of the size of errors, and the spread; `file` names both files."""

    line: LinearFit
    middle: Learned
    size: Learned
    spread: Spread
    file: str
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return mean and quantiles per row."""
        return self.spread.answer(self.middles(frame), self.sizes(frame), frame.index)

    def middles(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row: the line and what was learned on top."""
        return self.line.middles(frame) + self.middle.scores(_values(frame, self.line.design.features))

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the middle of each row, before the line is held within the values of training."""
        return self.line.scores(frame) + self.middle.scores(_values(frame, self.line.design.features))

    def sizes(self, frame: pd.DataFrame) -> Array:
        """Return the usual size of the error of each row."""
        return np.exp(self.size.scores(_values(frame, self.line.design.features)))

    def save(self, folder: Path) -> None:
        """Write both learners' files and `estimator.json`."""
        self.middle.save(folder / _named("middle", self.file))
        self.size.save(folder / _named("size", self.file))
        content = {
            "line": self.line.content(),
            "params": self.params,
            "spread": dict(self.spread.at),
            "validation_loss": self.validation_loss,
        }
        text = json.dumps({**content, "params": dict(sorted(self.params.items()))}, indent=2)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True)
class ExplainedParts(FittedParts):
    """The same of a learner that tells what each feature adds."""

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the line and to what was learned on top of it."""
        assert isinstance(self.middle, Attributes)
        return self.line.contributions(frame) + self.middle.contributions(_values(frame, self.line.design.features))


@dataclass(frozen=True)
class Parts(OfLearner):
    """The plug-in.

    Attributes:
        halves: the size of errors is learned from halves of the races that have not seen each other, not from own rows.
        models: whose questions it answers; None for all of the family.
    """

    halves: bool = True
    models: tuple[str, ...] | None = None

    def fit(self, data: FitInput) -> FittedParts:
        """Learn until the error of later races stops falling, or as long as `params` have settled."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        line, middle = self._middle(frame, value, data, first=True)
        settled = replace(data, params={**data.params, **middle.settled})
        size = self._size(frame, value, settled, line, middle)
        fitted = _parts(line, middle, size, Spread({}), self.learner.file, settled.params)
        if data.validation is not None:
            later, after = sorted_rows(*data.validation)
            true = after["value"].to_numpy(dtype=np.float64)
            spread = _spread(fitted, later, true)
            loss = crps(spread.answer(fitted.middles(later), fitted.sizes(later), later.index), true)
            return replace(fitted, spread=spread, validation_loss=loss)
        late = last_races(frame, LATE)
        if not late.any():
            return replace(fitted, spread=_spread(fitted, frame, value))
        before, earlier = frame[~late].reset_index(drop=True), value[~late]
        line, middle = self._middle(before, earlier, settled)
        early = replace(fitted, line=line, middle=middle)
        if not self.halves:
            early = replace(early, size=self._size(before, earlier, settled, line, middle))
        return replace(fitted, spread=_spread(early, frame[late], value[late]))

    def load(self, folder: Path) -> FittedParts:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return _parts(
            LinearFit.of(content["line"]),
            self.learner.load(folder / _named("middle", self.learner.file)),
            self.learner.load(folder / _named("size", self.learner.file)),
            Spread(content["spread"]),
            self.learner.file,
            content["params"],
            content["validation_loss"],
        )

    def _middle(
        self, frame: pd.DataFrame, value: Array, data: FitInput, *, first: bool = False
    ) -> tuple[LinearFit, Learned]:
        """Return the line of some rows and what was learned of the rest; later races look on, and it is told how it goes, the first time."""
        line = LinearFit.learn(frame, feature_columns(frame), value, RIDGE, data.start)
        names = line.design.features
        heard = data.hears("mae") if first else None
        rows = TreeRows(_values(frame, names), names, value - line.middles(frame), heard=heard)
        watch = _watch(line, data) if first and data.validation is not None else None
        return line, self.learner.learn(rows, "absolute", data.params, seed=data.seed, watch=watch)

    def _size(self, frame: pd.DataFrame, value: Array, data: FitInput, line: LinearFit, middle: Learned) -> Learned:
        """Return what was learned of how large errors usually are."""
        names = line.design.features
        values = _values(frame, names)
        error = value - line.middles(frame) - middle.scores(values)
        second = every_other_race(frame)
        if self.halves and second.any():
            for part in (second, ~second):
                other, learned = self._middle(frame[~part].reset_index(drop=True), value[~part], data)
                error[part] = value[part] - other.middles(frame[part]) - learned.scores(values[part])
        rows = TreeRows(values, names, log_size(error))
        return self.learner.learn(rows, "squared", dict(self.learner.coarse), seed=data.seed)


def _parts(line: LinearFit, middle: Learned, *rest: Any) -> FittedParts:
    kind = ExplainedParts if isinstance(middle, Attributes) else FittedParts
    return kind(line, middle, *rest)


def _named(part: str, file: str) -> str:
    """Return the name of a part's file, `middle.ubj` for a learner whose file is `booster.ubj`."""
    return part + Path(file).suffix


def _values(frame: pd.DataFrame, names: tuple[str, ...]) -> Array:
    return np.asarray(frame[list(names)].to_numpy(dtype=np.float64, na_value=np.nan))


def _watch(line: LinearFit, data: FitInput) -> Watch:
    assert data.validation is not None
    frame, outcome = sorted_rows(*data.validation)
    left = outcome["value"].to_numpy(dtype=np.float64) - line.middles(frame)
    return Watch(TreeRows(_values(frame, line.design.features), line.design.features, left), data.report)


def _spread(fitted: FittedParts, frame: pd.DataFrame, value: Array) -> Spread:
    return Spread.learn(value - fitted.middles(frame), fitted.sizes(frame))
