"""Models of hazards that a learner makes: each step at which a row was watched is a row of its own, on top of the counted hazards."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Labelled, Params
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.learner import Learned
from pitwall.ml.estimators.shared.learners.plugin import OfLearner
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch
from pitwall.ml.estimators.survival._hazards import Hazards
from pitwall.ml.estimators.survival._periods import Periods, names_of
from pitwall.ml.estimators.survival._says import answer, counted, lost, settle, starts
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedSteps:
    """What was learned, the features of rows that it reads, and the hazards that it starts from."""

    learned: Learned
    file: str
    features: tuple[str, ...]
    level: Hazards
    params: Params
    validation_loss: float | None = None

    def scores_of(self, frame: pd.DataFrame, periods: Periods) -> Array:
        """Return the log odds per step, before calibration."""
        return self.learned.scores(periods.values(frame, self.features), starts(self.level, frame, periods))

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return answer(self, frame)

    def save(self, folder: Path) -> None:
        """Write the learner's file and `estimator.json`."""
        self.learned.save(folder / self.file)
        content = {
            "features": list(self.features),
            "level": self.level.content(),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Steps(OfLearner):
    """The plug-in."""

    def fit(self, data: FitInput) -> FittedSteps:
        """Learn until the log loss of later races stops falling, or as long as `params` have settled."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        if data.validation is not None:
            data = replace(data, validation=sorted_rows(*data.validation))
        features, level = tuple(feature_columns(frame)), counted(frame, outcome)
        watch = None
        if data.validation is not None:
            watch = Watch(_rows(data.validation, features, level), data.report)
        rows = replace(_rows((frame, outcome), features, level), heard=data.hears("log_loss"))
        learned = self.learner.learn(rows, "log", data.params, seed=data.seed, watch=watch)
        params = {**data.params, **learned.settled}
        fitted = FittedSteps(learned, self.learner.file, features, level, params)
        fitted = replace(fitted, params=settle(fitted, data))
        return replace(fitted, validation_loss=lost(fitted, data))

    def load(self, folder: Path) -> FittedSteps:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        learned, level = self.learner.load(folder / self.learner.file), Hazards.read(content["level"])
        named = (tuple(content["features"]), level, content["params"], content["validation_loss"])
        return FittedSteps(learned, self.learner.file, *named)


def _rows(labelled: Labelled, features: tuple[str, ...], level: Hazards) -> TreeRows:
    frame, outcome = labelled
    periods, ended = Periods.watched(outcome)
    values = periods.values(frame, features)
    return TreeRows(values, names_of(features), ended, starts(level, frame, periods))
