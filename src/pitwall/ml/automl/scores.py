"""What answers about the forecast rows are worth: the question's metric and main loss, over all of them or some seasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.numbers import Interval
from pitwall.ml.automl.problem import Problem
from pitwall.ml.evaluation.bootstrap import paired_difference, paired_statistic
from pitwall.ml.evaluation.scoring import (
    check_loss,
    family_of,
    labels_for,
    metric_interval,
    metric_of,
    per_race,
    race_sums,
)

if TYPE_CHECKING:
    from pitwall.ml.families import Family, Metric
    from pitwall.ml.templates import Template

ACCURACY = "accuracy"


def asked_metric(template: Template, name: str | None) -> Metric:
    """Return the metric that candidates are compared by; the main loss when None.

    `accuracy` is the family's own, or the hit rate: how often the one that was called came true.

    Raises:
        UnknownName: the family has no such metric; offers the nearest one.
        UsageError: neither more nor less of it is better, so nobody wins by it.
    """
    check_loss(template)
    if name == ACCURACY and ACCURACY not in family_of(template).metrics:
        name = "hit_rate"
    found = metric_of(template, name or template.loss)
    if found.target is not None:
        raise UsageError(f"{found.name} is best near {found.target:g}, so nobody wins by it; name a loss or a share.")
    return found


@dataclass(frozen=True)
class Scores:
    """The scored rows.

    Attributes:
        problem: the question.
        metric: that candidates are compared by.
        rows: what tells the forecast rows apart, those of unknown label left out.
        label: what came true.
        weights: of a question that calls by its own rule, else without columns.
        kept: places of these rows in `problem.rows`.
    """

    problem: Problem
    metric: Metric
    rows: pd.DataFrame
    label: pd.Series
    weights: pd.DataFrame
    kept: np.ndarray

    @classmethod
    def of(cls, problem: Problem, metric: Metric) -> Scores:
        """Return the scored rows of a problem; raise StageError where no label is known."""
        template, rows = problem.template, problem.rows
        label = labels_for(template, rows, template.label(problem.tables))
        known = label.notna().to_numpy()
        if not known.any():
            raise StageError("nothing to compare candidates by: no forecast row has a label.")
        weights = pd.DataFrame(index=rows.index)
        if template.call is not None:
            weights = template.call.weights(rows["race_id"], problem.tables)
        kept = np.flatnonzero(known)
        said = label.iloc[kept].astype(family_of(template).label_type)
        parts = (each.iloc[kept].reset_index(drop=True) for each in (rows, weights))
        first, second = parts
        return cls(problem, metric, first, said.reset_index(drop=True), second, kept)

    def within(self, seasons: Sequence[int]) -> Scores:
        """Return the rows of some seasons."""
        chosen = np.flatnonzero(self.rows["season"].isin(list(seasons)))
        rows, weights = (each.iloc[chosen].reset_index(drop=True) for each in (self.rows, self.weights))
        label = self.label.iloc[chosen].reset_index(drop=True)
        return Scores(self.problem, self.metric, rows, label, weights, self.kept[chosen])

    @cached_property
    def family(self) -> Family:
        """The family of the answers."""
        return family_of(self.problem.template)

    @cached_property
    def criterion(self) -> Metric:
        """The loss by which members are picked and ties are broken: the compared metric if it is one, else the question's main loss.

        A hit rate, or an area under a curve, is coarse or no mean over races; what is picked by it is picked by luck.
        """
        if self.metric.per_block is not None and not self.metric.higher_is_better:
            return self.metric
        return metric_of(self.problem.template, self.problem.template.loss)

    def part(self, answer: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of an answer about all of `problem.rows` that are scored here."""
        return answer.iloc[self.kept].reset_index(drop=True)

    def scored(self, part: pd.DataFrame) -> pd.DataFrame:
        """Return what metrics read of an answer about these rows."""
        predictions = pd.concat([self.rows, part], axis=1)
        said = self.family.scored(self.problem.template.answer(predictions), predictions)
        return pd.concat([self.rows, said, self.weights, self.label.rename("label")], axis=1)

    def value(self, part: pd.DataFrame) -> float:
        """Return the compared metric of an answer about these rows."""
        once = self.problem.gates.model_copy(update={"bootstrap_draws": 1})
        return metric_interval(self.metric, self.scored(part), once, 0).value

    def losses(self, part: pd.DataFrame) -> np.ndarray:
        """Return the criterion of an answer about these rows race by race, in the order of `race_seasons`."""
        return _by_race(self.criterion, self.scored(part))

    @cached_property
    def race_seasons(self) -> np.ndarray:
        """The season of each race."""
        return np.asarray(self.rows.groupby("race_id")["season"].first())

    def cost(self, part: pd.DataFrame) -> float:
        """Return the compared metric of an answer about these rows, so that lower is better."""
        value = self.value(part)
        return -value if self.metric.higher_is_better else value

    def interval(self, part: pd.DataFrame) -> Interval:
        """Return the compared metric with its interval; whole races are drawn."""
        return self.interval_of_rows(self.scored(part))

    def interval_of_rows(self, rows: pd.DataFrame) -> Interval:
        """Return the same of rows that hold all that the metric reads."""
        return metric_interval(self.metric, rows, self.problem.gates, 0)

    def gain(self, ours: pd.DataFrame, theirs: pd.DataFrame) -> Interval:
        """Return by how much one answer is better than another about the same rows, paired by race; above 0 is better."""
        left, right = self.scored(ours), self.scored(theirs)
        metric, draws, level = self.metric, self.problem.gates.bootstrap_draws, self.problem.gates.confidence
        if metric.per_block is not None:
            found = paired_difference(_by_race(metric, left), _by_race(metric, right), draws, 0, level)
        else:
            assert metric.statistic is not None
            sums = race_sums(metric, left), race_sums(metric, right)
            found = paired_statistic(*sums, metric.statistic, draws=draws, confidence=level)
        return _turned(found) if metric.higher_is_better else found


def _by_race(metric: Metric, rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(per_race(rows, [metric])[metric.name], dtype=np.float64)


def _turned(found: Interval) -> Interval:
    return Interval(-found.value, -found.high, -found.low, found.n, found.detectable)
