"""Models of classes in an order that a learner makes: a score of yes or no for each border, "this class or an earlier one".

A border starts from the rate of the training rows, and one that nothing crossed stays there: no row knows more. Two classes have a
single border. The answers of a row are put in growing order, which brings them no further from the truth (Chernozhukov,
Fernández-Val and Galichon 2010), and their differences are the chances of the classes. Later races decide border by border how long
is learned, and fit one slope for all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Labelled, Params
from pitwall.ml.estimators.multiclass._classes import answer, classes_of, happened, settle, training_scores
from pitwall.ml.estimators.shared.calibration import EDGE, Array, chances, log_odds
from pitwall.ml.estimators.shared.learners.learner import Learned
from pitwall.ml.estimators.shared.learners.plugin import OfLearner
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch, known_values
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"
BORDERS = "borders"  # of the settled parameter: what later races decided of each, None where nothing was learned


@dataclass(frozen=True)
class FittedBorders:
    """What was learned of each border, None where nothing was, and the scores of the rates of the training rows."""

    classes: tuple[str, ...]
    learned: tuple[Learned | None, ...]
    file: str
    features: tuple[str, ...]
    start: Array
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, rows x classes, before calibration."""
        values, starts = known_values(frame, self.features), np.tile(_odds(self.start), (len(frame), 1)).T
        odds = [m if each is None else each.scores(values, m) for each, m in zip(self.learned, starts, strict=True)]
        crossed = np.sort(chances(np.column_stack(odds)), axis=1)
        parts = np.diff(crossed, axis=1, prepend=0.0, append=1.0)
        return np.asarray(np.log(np.clip(parts, EDGE, None)))

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p_<class>` per row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write the learner's file of each border and `estimator.json`."""
        for number, each in enumerate(self.learned):
            if each is not None:
                each.save(folder / _named(number, self.file))
        content = {
            "classes": list(self.classes),
            "features": list(self.features),
            "start": self.start.tolist(),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Borders(OfLearner):
    """The plug-in."""

    def fit(self, data: FitInput) -> FittedBorders:
        """Learn until the log loss of later races stops falling, or as long as `params` have settled."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, features = happened(outcome), tuple(feature_columns(frame))
        start = training_scores(true)
        rows = _rows((frame, outcome), features, start)
        later = None if data.validation is None else _rows(sorted_rows(*data.validation), features, start)
        learned: list[Learned | None] = []
        # Both hear of the first border that is learned: losses of two would not compare.
        report, heard = data.report, data.hears("log_loss_of_first_border")
        for number, (each, settled) in enumerate(zip(rows, _settled(data.params, len(rows)), strict=True)):
            if not 0.0 < each.target.mean() < 1.0:
                learned.append(None)
                continue
            watch = None if later is None else Watch(later[number], report)
            params, told = {**data.params, **settled}, replace(each, heard=heard)
            report, heard = None, None
            learned.append(self.learner.learn(told, "log", params, seed=data.seed, watch=watch))
        params = {**data.params, BORDERS: [None if each is None else each.settled for each in learned]}
        fitted = FittedBorders(classes_of(outcome), tuple(learned), self.learner.file, features, start, params)
        params, loss = settle(fitted, data)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedBorders:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        file = self.learner.file
        learned = tuple(
            None if settled is None else self.learner.load(folder / _named(number, file))
            for number, settled in enumerate(content["params"][BORDERS])
        )
        classes, features, start = tuple(content["classes"]), tuple(content["features"]), np.array(content["start"])
        return FittedBorders(classes, learned, file, features, start, content["params"], content["validation_loss"])


def _named(number: int, file: str) -> str:
    """Return the name of a border's file, `border_0.txt` for a learner whose file is `booster.txt`."""
    return f"border_{number}{Path(file).suffix}"


def _settled(params: Params, borders: int) -> list[Params]:
    """Return what an earlier fit settled of each border."""
    return [each or {} for each in params.get(BORDERS, [None] * borders)]


def _odds(start: Array) -> Array:
    """Return the log odds that each border starts from."""
    return log_odds(np.exp(start).cumsum()[:-1])


def _rows(rows: Labelled, features: tuple[str, ...], start: Array) -> list[TreeRows]:
    """Return what is learned of each border."""
    frame, outcome = rows
    values, crossed = known_values(frame, features), happened(outcome).cumsum(axis=1)[:, :-1]
    return [
        TreeRows(values, features, np.ascontiguousarray(target), np.full(len(frame), odds))
        for target, odds in zip(crossed.T, _odds(start), strict=True)
    ]
