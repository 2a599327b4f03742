"""What a model is worth: numbers with intervals beside the rules to beat, and the pictures that people expect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import NotAvailable
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features import groups
from pitwall.ml.evaluation import classes
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.importance import feature_groups, importance_rows, permuted_frames
from pitwall.ml.evaluation.scoring import (
    family_of,
    labelled_once,
    paired_losses,
    pooled,
    scored,
    template_rows,
)
from pitwall.ml.evaluation.trust import trust
from pitwall.ml.families import Classes, Metric
from pitwall.ml.families.predictions import by_estimator, prediction_table
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.templates import Template
from pitwall.report.content.intervals import interval
from pitwall.report.content.markdown import table_lines
from pitwall.report.figures.bars import bars_figure
from pitwall.report.figures.calibration import calibration_figure
from pitwall.report.figures.classes import confusion_matrix_figure
from pitwall.report.figures.over_time.races import over_races
from pitwall.workflows.notebook.bench.called import called_first, called_metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ["metric", "model", "role", "value", "low", "high", "n"]


@dataclass(frozen=True)
class Results:
    """Scores of a model on races that it had not seen.

    Attributes:
        question: that was answered.
        algorithm: whose predictions are its own.
        predictions: of the model and of the baselines.
        tables: canonical tables, for what came true.
        params: the project's parameters: draws and levels of intervals.
        stage: of the forecasts.
        fitted: the model, for importances.
        frame: the rows with the features that were read.
    """

    question: Template
    algorithm: str
    predictions: pd.DataFrame
    tables: Tables
    params: Params
    stage: str
    fitted: FittedModel
    frame: pd.DataFrame

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and model: value, low, high (whole races resampled), n races. The model's own rows have the role `ours`."""
        gates, seed = self.params.gates, self.params.seed
        rows = template_rows(self._asked, self.predictions, self.tables, stage=self.stage, gates=gates, seed=seed)
        whole = [row for row in rows if row["season"] == "all"]
        return pd.DataFrame([*whole, *self._called_rows()])[COLUMNS]

    @cached_property
    def gain(self) -> pd.Series:
        """How much less the model loses than the rule to beat: value, low, high, n races, and the smallest effect that could be seen."""
        both = self._by_race
        gates = self.params.gates
        found = paired_difference(
            both["ours"].to_numpy(),
            both["theirs"].to_numpy(),
            gates.bootstrap_draws,
            self.params.seed,
            gates.confidence,
        )
        return pd.Series(found.row(), name=f"gain in {self.question.loss} over {self.baseline}")

    @property
    def baseline(self) -> str:
        """The rule to beat."""
        return self.question.baseline_at(self.stage)

    def summary(self) -> str:
        """Return in words whether the model can be trusted, then its metrics beside the baselines as a Markdown table."""
        said = trust(
            self._asked,
            self.predictions,
            self.algorithm,
            self.tables,
            stage=self.stage,
            gates=self.params.gates,
            seed=self.params.seed,
        )
        order = [self.algorithm, *(name for name in self.metrics["model"].unique() if name != self.algorithm)]
        table = self.metrics.set_index(["metric", "model"])
        rows = [
            [metric, *(interval(table.loc[(metric, who)]) if (metric, who) in table.index else "" for who in order)]
            for metric in self.metrics["metric"].unique()
        ]
        return "\n".join([said, "", *table_lines(["", *(f"`{name}`" for name in order)], rows)])

    def plot_confusion_matrix(self) -> Figure:
        """Return how often which class was called where which one came true.

        Raises:
            NotAvailable: answers about numbers are no classes.
        """
        how = self._classes
        if how is None:
            raise NotAvailable(
                f"{self.question.name} is answered with numbers, which are no classes; see plot_calibration() and plot_by_race()."
            )
        found = classes.confusion(how, self._own_scored, self.params.gates, self.params.seed)
        nouns = self.fitted.recipe.definition.kind.nouns[1]
        return confusion_matrix_figure(found.counts, found.names, f"{self.question.question}\n{how.rule}", of=nouns)

    def plot_calibration(self) -> Figure:
        """Return what was forecast against what was observed, with bands."""
        how = family_of(self.question).calibration
        return calibration_figure(how.table(self._own_scored), self.question.question, names=how.axes)

    def plot_by_race(self) -> Figure:
        """Return the main loss race by race beside the rule to beat, and the gain so far."""
        return over_races(
            self._labels(self._by_race.index),
            {self.algorithm: self._by_race["ours"].to_numpy(), self.baseline: self._by_race["theirs"].to_numpy()},
            f"{self.question.question} {self.question.loss} by race",
            unit=self.question.loss,
        )

    def plot_feature_importance(self) -> Figure:
        """Return how much the main loss grows when a group's columns are shuffled within each race, as bars."""
        sizes = {str(row["group"]): float(row["value"]) for row in self.importance.to_dict("records")}
        return bars_figure(sizes, self.question.question, label=f"{self.question.loss} lost when the group is shuffled")

    @cached_property
    def importance(self) -> pd.DataFrame:
        """One row per feature group: value, low, high, n; asked of the model that answers, on the rows of these races."""
        model, own = self.fitted, by_estimator(self.predictions)[self.algorithm]
        kind = model.recipe.definition.kind
        rows = self.frame[self.frame["race_id"].isin(own["race_id"])].reset_index(drop=True)
        frames = permuted_frames(rows, feature_groups(groups().values(), model.recipe.features), self.params.seed)
        said = [
            prediction_table(model.name, model.role, rows, model.answer(each), kind).assign(permuted=name)
            for name, each in frames.items()
        ]
        whole = prediction_table(model.name, model.role, rows, model.answer(rows), kind)
        gates, seed = self.params.gates, self.params.seed
        found = importance_rows(
            self._asked, whole, pd.concat(said), self.tables, stage=self.stage, gates=gates, seed=seed
        )
        return pd.DataFrame(found)[["group", "metric", "value", "low", "high", "n"]]

    def _repr_markdown_(self) -> str:
        return self.summary()

    @cached_property
    def _asked(self) -> Template:
        return labelled_once(self.question, self.tables)

    @cached_property
    def _own_scored(self) -> pd.DataFrame:
        return scored(self._asked, by_estimator(self.predictions)[self.algorithm], self.tables)

    @cached_property
    def _by_race(self) -> pd.DataFrame:
        said = by_estimator(self.predictions)
        both = paired_losses(self._asked, said[self.algorithm], said[self.baseline], self.tables)
        order = self.frame.drop_duplicates("race_id").sort_values(["season", "round"])["race_id"]
        return both.loc[[race for race in order if race in both.index]]

    @cached_property
    def _classes(self) -> Classes | None:
        family = family_of(self.question)
        return called_first(self.question) if family.name == "order" else family.classes

    def _called_rows(self) -> list[dict[str, object]]:
        """Return precision, recall and F1 of what is called, where answers are chances of an event; accuracy likewise."""
        how = self._classes
        if how is None:
            return []
        rows: list[dict[str, object]] = []
        for name, own in by_estimator(self.predictions).items():
            known = scored(self._asked, own, self.tables)
            role = "ours" if name == self.algorithm else "baseline"
            for metric in self._missing(called_metrics(how, len(how.names(known)))):
                found = pooled(metric, known, self.params.gates.bootstrap_draws, self.params.seed)
                numbers = {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
                rows.append({"metric": metric.name, "model": name, "role": role, **numbers})
        return rows

    def _missing(self, metrics: list[Metric]) -> list[Metric]:
        return [metric for metric in metrics if metric.name not in self.question.metrics]

    def _labels(self, races: pd.Index) -> list[str]:
        known = self.frame.drop_duplicates("race_id").set_index("race_id")
        return [f"{row.season}-{row.round:02d}" for row in known.loc[races, ["season", "round"]].itertuples()]
