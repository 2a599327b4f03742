"""Models of classes in an order that a learner makes: one score for each border of classes, "this class or an earlier one".

A row stands in the learner's table once for each border, with the border's number as one more column, and one learner of yes or no
answers them all (Cardoso and Pinto da Costa 2007): what moves one border may move them all, and need not. Borders start from
the rates of the training rows, so one that nothing ever crossed stays there, and two classes have a single one. The answers of a row are
put in growing order (Chernozhukov, Fernández-Val and Galichon 2010); their differences are the chances of the classes.
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
from pitwall.ml.estimators.shared.trees import TreeRows, Watch
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"
BORDER = "border"  # the column that says which border a line is about


@dataclass(frozen=True)
class FittedBorders:
    """What was learned of all borders, and the scores of the rates of the training rows."""

    classes: tuple[str, ...]
    learned: Learned
    file: str
    features: tuple[str, ...]
    start: Array
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return scores, rows x classes, before calibration."""
        rows = _lines(frame, self.features, self.start)
        crossed = chances(self.learned.scores(rows.values, rows.margin)).reshape(len(frame), -1)
        parts = np.diff(np.sort(crossed, axis=1), axis=1, prepend=0.0, append=1.0)
        return np.asarray(np.log(np.clip(parts, EDGE, None)))

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p_<class>` per row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write the learner's file and `estimator.json`."""
        self.learned.save(folder / self.file)
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
        features, start = tuple(feature_columns(frame)), training_scores(happened(outcome))
        watch = None
        if data.validation is not None:
            watch = Watch(_labelled(sorted_rows(*data.validation), features, start), data.report)
        rows = _labelled((frame, outcome), features, start)
        learned = self.learner.learn(rows, "log", data.params, seed=data.seed, watch=watch)
        params = {**data.params, **learned.settled}
        fitted = FittedBorders(classes_of(outcome), learned, self.learner.file, features, start, params)
        params, loss = settle(fitted, data)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedBorders:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedBorders(
            tuple(content["classes"]),
            self.learner.load(folder / self.learner.file),
            self.learner.file,
            tuple(content["features"]),
            np.array(content["start"]),
            content["params"],
            content["validation_loss"],
        )


def _lines(frame: pd.DataFrame, features: tuple[str, ...], start: Array) -> TreeRows:
    """Return a line for each border of each row, all borders of a row together, none with a target."""
    odds = log_odds(np.exp(start).cumsum()[:-1])
    values = frame[list(features)].to_numpy(dtype=np.float64, na_value=np.nan)
    told = np.repeat(np.where(np.isfinite(values), values, np.nan), len(odds), axis=0)
    border = np.tile(np.arange(len(odds), dtype=np.float64), len(frame))
    return TreeRows(np.column_stack([told, border]), (*features, BORDER), np.empty(0), np.tile(odds, len(frame)))


def _labelled(rows: Labelled, features: tuple[str, ...], start: Array) -> TreeRows:
    frame, outcome = rows
    crossed = happened(outcome).cumsum(axis=1)[:, :-1]
    return replace(_lines(frame, features, start), target=crossed.ravel())
