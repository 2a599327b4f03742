"""A test in hindsight: the predictions that two versions were judged by, over the races of both, divided as a test would divide them.

The races are over, and the versions were chosen by people who knew them: so nothing is declared by it, whatever it says.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.records.ab_rows import arm_of
from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.ml.data.calendar import run_races
from pitwall.ml.registry.compare import version_scores
from pitwall.ml.registry.improvement import main_template
from pitwall.ml.registry.references import find_version
from pitwall.ml.templates import Template
from pitwall.monitoring.sequential import Design, Look, looks, say
from pitwall.workflows.ab.design import design_for
from pitwall.workflows.ab.status import unit_of
from pitwall.workflows.workspace import Workspace

HINDSIGHT = "in hindsight: these races are over and were known when the versions were chosen, so this is no verdict"


@dataclass(frozen=True)
class Rehearsal:
    """What a test of two versions would have shown.

    Attributes:
        model: registered name.
        versions: {`champion`: first version, `challenger`: second version}: the roles that they are rehearsed in.
        split: share of the races that the second one answers.
        question: whose loss is compared.
        metric: that loss.
        races: per race `race`, `served` and the main loss of both roles, in the order of the races.
        arms: per role `races`, which it answers, and the mean of every metric over these.
        design: bound and error rate of the looks.
        looks: after each race, by the losses of both, as both are known of all races.
        label: what a reader must know.
    """

    model: str
    versions: dict[str, int]
    split: float
    question: str
    metric: str
    races: tuple[dict[str, Any], ...]
    arms: dict[str, dict[str, float]]
    design: Design
    looks: tuple[Look, ...]
    label: str = HINDSIGHT

    @property
    def said(self) -> str:
        """How the second version would stand."""
        return say(self.looks[-1], unit_of(self.metric))

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "said": self.said}

    def frame(self) -> pd.DataFrame:
        """Return the races as a table."""
        return pd.DataFrame(list(self.races))


def rehearse(
    workspace: Workspace, name: str, v1: int | str, v2: int | str, *, split: float, salt: str = ""
) -> Rehearsal:
    """Return what a test of two versions would have shown over the races that both were judged on.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        v1: the version in the place of the champion, by number or alias.
        v2: the version in the place of the challenger.
        split: share of the races that the second one answers.
        salt: that divides the races; one that follows from model and versions when empty.

    Raises:
        UsageError: the split is no share.
        UnknownName: there is no such version.
        StageError: both were judged on no common race.
    """
    if not 0 <= split <= 1:
        raise UsageError(
            f"the split is {split:g}; it is the share of the races that the second version answers, from 0 to 1."
        )
    job = workspace.job(name)
    found = [find_version(workspace.registry, workspace.params, f"{job.name}@{which}") for which in (v1, v2)]
    versions = dict(zip((CHAMPION, CHALLENGER), (each.version for each in found), strict=True))
    question, tables = main_template(job), job.tables()
    labels = {race.race_id: race.label for race in run_races(tables)}
    scored = {
        role: _by_race(version_scores(job.model, workspace.registry.fetch(job.name, number), tables).races, question)
        for role, number in versions.items()
    }
    common = [race for race in labels if all(race in values.index for values in scored.values())]
    if not common:
        raise StageError(
            f"versions {' and '.join(map(str, versions.values()))} of {job.name} were judged on no common race."
        )
    design = design_for(workspace.params, question)
    salt = salt or f"{versions[CHAMPION]}:{versions[CHALLENGER]}"
    served = {race: arm_of(salt, job.name, labels[race], split) for race in common}
    losses = {role: scored[role].loc[common, question.loss] for role in versions}
    return Rehearsal(
        model=job.name,
        versions=versions,
        split=split,
        question=question.name,
        metric=question.loss,
        races=tuple(
            {"race": labels[race], "served": served[race], **{role: float(losses[role][race]) for role in versions}}
            for race in common
        ),
        arms={role: _arm(scored[role], [race for race in common if served[race] == role]) for role in versions},
        design=design,
        looks=tuple(looks((losses[CHAMPION] - losses[CHALLENGER]).tolist(), design)),
    )


def _by_race(scores: dict[tuple[str, str], pd.Series[float]], question: Template) -> pd.DataFrame:
    """Return a column per metric of a question that has a value of each race."""
    return pd.DataFrame({metric: values for (asked, metric), values in scores.items() if asked == question.name})


def _arm(scores: pd.DataFrame, races: list[int]) -> dict[str, float]:
    means = {} if not races else {str(name): float(value) for name, value in scores.loc[races].mean().items()}
    return {"races": len(races), **means}
