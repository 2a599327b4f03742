"""Two models on the races that both were judged on: whose main loss is lower, and is that more than luck?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import load_tables
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import labelled_once, metric_of, paired_losses
from pitwall.ml.families.predictions import load_predictions
from pitwall.ml.models.machinery.names import model_of
from pitwall.ml.specs import find_spec
from pitwall.ml.templates import answered_by
from pitwall.workflows import registry
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pitwall.workflows.notebook.bench.trained import TrainedModel


@dataclass(frozen=True)
class Comparison:
    """The paired difference of two models: positive means that the first one loses less.

    Attributes:
        metric: that was compared, with its question.
        first: who.
        second: whom with.
        value: mean difference per race.
        low, high: its interval, whole races resampled.
        n: races that both were judged on.
        detectable: the smallest difference that these races could have shown.
        by_race: the losses: index race_id, columns ours and theirs.
    """

    metric: str
    first: str
    second: str
    value: float
    low: float
    high: float
    n: int
    detectable: float
    by_race: pd.DataFrame

    @property
    def verdict(self) -> str:
        """Who is better, in words."""
        if self.low > 0:
            return f"{self.first} is better"
        return f"{self.second} is better" if self.high < 0 else "undecided"

    def __str__(self) -> str:
        return (
            f"{self.verdict}: {self.first} loses {self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f}) {self.metric} less than {self.second} "
            f"per race, over {self.n} races; they could have shown {self.detectable:.4f}."
        )


def compare(model: TrainedModel, other: TrainedModel | str, workspace: Workspace) -> Comparison:
    """Return the paired difference in the main loss of a model's question; see `TrainedModel.compare`."""
    question = model.question
    ours = load_predictions(workspace.job(model.name).target / "model")
    name, theirs = _other(model.name, other, workspace)
    tables = load_tables(workspace.project.tables)
    losses = paired_losses(labelled_once(question, tables), ours, theirs, tables)
    if losses.empty:
        raise UsageError(
            f"{model.name} and {name} were judged on no common race; train them on data of the same seasons."
        )
    gates = workspace.params.gates
    found = paired_difference(
        losses["ours"].to_numpy(),
        losses["theirs"].to_numpy(),
        gates.bootstrap_draws,
        workspace.params.seed,
        gates.confidence,
    )
    row = found.row()
    return Comparison(
        metric=f"{question.name} {metric_of(question, question.loss).name}",
        first=model.name,
        second=name,
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        detectable=float(row["detectable"]),
        by_race=losses,
    )


def _other(ours: str, other: TrainedModel | str, workspace: Workspace) -> tuple[str, pd.DataFrame]:
    """Return what the other one is called, and its predictions."""
    if isinstance(other, str):
        version = registry.find_version(workspace, other)
        registered, name = version.model, f"{version.model} version {version.version}"
        folder = workspace.registry.fetch(registered, version.version)
    else:
        registered, name, folder = other.name, other.name, workspace.job(other.name).target / "model"
    if not _asked(ours) & _asked(registered):
        raise UsageError(
            f"{name} answers {_named(registered)}, this model {_named(ours)}; compare models of one question at one stage or another."
        )
    return name, load_predictions(folder)


def _asked(registered: str) -> set[object]:
    """Return what identifies the questions of a model; a target of a user's own by what makes its labels."""
    stored = find_spec(model_of(registered))
    if stored is not None and stored.spec.own is not None:
        return {(stored.spec.target, stored.spec.own.source, stored.spec.labels)}
    return {each.name for each in answered_by(model_of(registered))}


def _named(registered: str) -> str:
    stored = find_spec(model_of(registered))
    return stored.spec.target if stored else " and ".join(each.name for each in answered_by(model_of(registered)))
