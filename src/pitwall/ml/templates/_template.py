"""What a model template is: a question with its label, its answer, its losses and the baselines to beat.

A template answers from a *predictions table* (see `pitwall.ml.families.predictions`): every template of one model reads the same
answers, so P(win), P(podium) and P(points) of a race can never contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables
from pitwall.ml.templates._call import Call


@dataclass(frozen=True)
class InColumn:
    """The answer that stands in a column of the predictions: who reads their numbers need not choose it from a table."""

    name: str

    def __call__(self, predictions: pd.DataFrame) -> pd.Series:
        """Return the column."""
        return predictions[self.name]


@dataclass(frozen=True)
class Template:
    """One question.

    Attributes:
        name: as in `--template`.
        model: the model that answers it; `order` for questions about the finishing order.
        question: in words, for people.
        title: of its column in tables, e.g. `P(win)`.
        stages: stages at which it is asked, the default one first.
        tables: canonical tables that the label is made of.
        label: tables -> what came true, by the key of the model's rows, for races that were run; null where it is not known.
        answer: predictions table -> the answer per row (a probability, a mean), aligned with the table.
        loss: the main loss that gates compare, one value per race, lower is better.
        metrics: of the model's family, the main loss among them.
        baselines: estimators shown beside the model.
        baseline: stage -> the one that a candidate must beat then.
        unit: of the answer, for numbers; probabilities have none.
        learned: tables -> what the model learns from, by the same key, where that is more than the label: of an order `place`
            and `retired` of every row. Questions of one model share it.
        cars: for events of which a race has a known number: season -> how many cars they come true for. Then a car without a
            result in a race that was run counts as one for which it did not.
        call: how a row's chances become the one class that is called; the likeliest class when None.
        own: a user's own target, whose label an audit must look at.
    """

    name: str
    model: str
    question: str
    title: str
    stages: tuple[str, ...]
    tables: tuple[str, ...]
    label: Callable[[Tables], pd.Series]
    answer: Callable[[pd.DataFrame], pd.Series]
    loss: str
    metrics: tuple[str, ...]
    baselines: tuple[str, ...]
    baseline: Mapping[str, str]
    unit: str = ""
    learned: Callable[[Tables], pd.DataFrame] | None = None
    cars: Callable[[int], int] | None = None
    call: Call | None = None
    own: bool = False

    def __post_init__(self) -> None:
        """Refuse a question that no rule answers: nobody could say what a model's answer is worth."""
        beaten = {stage: self.baseline.get(stage) for stage in self.stages}
        if missing := [stage for stage, name in beaten.items() if name not in self.baselines]:
            raise UsageError(
                f"the template {self.name} names no baseline to beat at {', '.join(missing)}; it must be one of its baselines "
                f"({', '.join(self.baselines) or 'none'}). A score without one says nothing."
            )
        if self.loss not in self.metrics:
            raise UsageError(
                f"the main loss of {self.name}, {self.loss}, is none of its metrics: {', '.join(self.metrics)}."
            )

    @property
    def told(self) -> Callable[[Tables], pd.DataFrame | pd.Series]:
        """What the model learns from: `learned`, or the label where that says it all."""
        return self.learned or self.label

    def baseline_at(self, stage: str) -> str:
        """Return the baseline to beat at a stage."""
        return self.baseline[stage]
