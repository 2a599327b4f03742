"""Who answers during a race: fitted models with their questions, each asked about the rows of its own kind.

Nothing here knows a model by name. A model answers within races where its rows are counted by laps: of each car, of each car as the
leader ends a lap, or of the race as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from pitwall.domain.keys import DRIVER
from pitwall.domain.records.live_rows import BASELINE
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.models import Model, models
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.unlisted import groups_read
from pitwall.ml.templates import Template, answered_by

LAP = "lap"
QUANTILES = {"p10": "q10", "p50": "q50", "p90": "q90"}
Said = Mapping[str, Any]  # by template a chance, or quantiles


def live_models() -> dict[str, Model]:
    """Return the models that answer within races about rows that are counted by laps, by name."""
    return {name: each for name, each in models().items() if Stage.IN_RACE in each.kind.stages and LAP in each.kind.key}


@dataclass(frozen=True)
class Voice:
    """A model that answers.

    Attributes:
        definition: what it is.
        fitted: the model itself, or its baseline.
        provenance: who answers: "model version N, content HASH" or "baseline NAME".
    """

    definition: Model
    fitted: FittedModel
    provenance: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.definition.name

    @property
    def of_cars(self) -> bool:
        """Whether it says something of each car, and not of the race as a whole."""
        return DRIVER in self.definition.kind.key

    @cached_property
    def questions(self) -> dict[str, Template]:
        """Its questions by name."""
        return {each.name: each for each in answered_by(self.definition.name)}

    @cached_property
    def groups(self) -> tuple[FeatureGroup, ...]:
        """The groups that hold a feature that it reads."""
        read = set(self.fitted.recipe.features)
        return tuple(group for group in groups_read(self.definition) if read & set(group.names))

    def rows(self, tables: Tables) -> pd.DataFrame:
        """Return every row that can be asked about so far, cut off as in training."""
        return self.definition.kind.spine(tables, Stage.IN_RACE)

    def ask(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return its answers as a predictions table, aligned with the rows; none about no rows."""
        answer = self.fitted.answer(frame)
        return prediction_table(self.fitted.name, self.fitted.role, frame, answer, self.definition.kind)

    def bits(self, rows: pd.DataFrame, predictions: pd.DataFrame) -> dict[tuple[int, ...], tuple[float, ...]]:
        """Return the numbers that it gave by the key of their row."""
        kind = self.definition.kind
        keys = map(tuple, rows[list(kind.key)].to_numpy().tolist())
        columns = self.definition.answers.columns(predictions.columns)
        return dict(zip(keys, map(tuple, predictions[columns].to_numpy(float).tolist()), strict=True))

    def said(self, predictions: pd.DataFrame) -> list[dict[str, Any]]:
        """Return by row what it says of each of its questions, as plain numbers."""
        columns = {name: self._numbers(each, predictions) for name, each in self.questions.items()}
        return [{name: values[row] for name, values in columns.items()} for row in range(len(predictions))]

    @staticmethod
    def _numbers(question: Template, predictions: pd.DataFrame) -> list[Any]:
        if set(QUANTILES.values()) <= set(predictions.columns):
            parts = {short: predictions[column].to_numpy(float) for short, column in QUANTILES.items()}
            return [{short: _plain(values[row]) for short, values in parts.items()} for row in range(len(predictions))]
        return [_plain(value) for value in question.answer(predictions).to_numpy(float)]


class Beaten(Voice):
    """The rule that a champion had to beat, asked beside it: what it says stands under the questions' names with `.baseline`."""

    @property
    def name(self) -> str:
        """The model's name with the mark of the rule."""
        return self.definition.name + BASELINE

    @cached_property
    def questions(self) -> dict[str, Template]:
        """Its questions by name."""
        return {name + BASELINE: each for name, each in super().questions.items()}


def _plain(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 (NaN differs from itself)
