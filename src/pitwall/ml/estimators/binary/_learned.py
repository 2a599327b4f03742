"""Models of yes or no that a learner makes: its score starts from the log odds of the rate that tells most alone, and is sloped.

Boosting stops where the log loss of later races is best; a slope fitted there takes back what is left of over-confidence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.binary._level import NAME, level_odds, settled_level
from pitwall.ml.estimators.binary._says import answer, happened, settle, training_rate
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.learner import Attributes, Learned
from pitwall.ml.estimators.shared.learners.plugin import OfLearner
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.shared.trees import TreeRows, Watch, known_values
from pitwall.ml.rows import feature_columns

FILE = "estimator.json"


@dataclass(frozen=True)
class FittedScores:
    """What was learned and the rate of the training rows."""

    learned: Learned
    file: str
    features: tuple[str, ...]
    rate: float
    params: Params
    validation_loss: float | None = None

    def scores(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row, before calibration."""
        return self.learned.scores(known_values(frame, self.features), self.starts(frame))

    def starts(self, frame: pd.DataFrame) -> Array:
        """Return the log odds per row that the score starts from."""
        return level_odds(frame, self.params[NAME], self.rate)

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p` per row."""
        return answer(self.scores(frame), self.starts(frame), self.params, frame.index)

    def save(self, folder: Path) -> None:
        """Write the learner's file and `estimator.json`."""
        self.learned.save(folder / self.file)
        content = {
            "features": list(self.features),
            "rate": self.rate,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class ExplainedScores(FittedScores):
    """The same of a learner that tells what each feature adds."""

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds, the start counted to the feature that it is taken from."""
        assert isinstance(self.learned, Attributes)
        values = self.learned.contributions(known_values(frame, self.features))
        table = pd.DataFrame(values, index=frame.index, columns=list(self.features))
        level = self.params[NAME]
        return table if level is None else table.assign(**{level: table[level] + self.starts(frame)})


@dataclass(frozen=True)
class Scores(OfLearner):
    """The plug-in."""

    def fit(self, data: FitInput) -> FittedScores:
        """Learn until the log loss of later races stops falling, or as long as `params` have settled."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, features = happened(outcome), tuple(feature_columns(frame))
        rate, level = training_rate(true), settled_level(frame, features, true, data.params)
        rows = TreeRows(
            known_values(frame, features), features, true, level_odds(frame, level, rate), heard=data.hears("log_loss")
        )
        watch = None if data.validation is None else _watch(data, features, level, rate)
        learned = self.learner.learn(rows, "log", data.params, seed=data.seed, watch=watch)
        fitted = self._fitted(learned, features, rate, {**data.params, NAME: level, **learned.settled}, None)
        params, loss = settle(fitted, data)
        return replace(fitted, params=params, validation_loss=loss)

    def load(self, folder: Path) -> FittedScores:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        learned = self.learner.load(folder / self.learner.file)
        named = (tuple(content["features"]), content["rate"], content["params"], content["validation_loss"])
        return self._fitted(learned, *named)

    def _fitted(
        self, learned: Learned, features: tuple[str, ...], rate: float, params: Params, loss: float | None
    ) -> FittedScores:
        kind = ExplainedScores if isinstance(learned, Attributes) else FittedScores
        return kind(learned, self.learner.file, features, rate, params, loss)


def _watch(data: FitInput, features: tuple[str, ...], level: str | None, rate: float) -> Watch:
    assert data.validation is not None
    frame, outcome = sorted_rows(*data.validation)
    rows = TreeRows(known_values(frame, features), features, happened(outcome), level_odds(frame, level, rate))
    return Watch(rows, data.report)
