"""What is searched for: the estimator of a model with its space, its rows, and what a trial is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.ml.estimators import estimator
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.space import Choose, Config, Space, traced
from pitwall.ml.search.sweep import Sweep, read_sweep
from pitwall.ml.training.fixed_params import with_params
from pitwall.ml.training.known_seasons import KnownSeasons, known_seasons
from pitwall.ml.training.training_job import TrainingJob
from pitwall.ml.training.tuning import EstimatorTrial
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.workflows.train import make_frame
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Subject:
    """A model whose settings are sought.

    Attributes:
        job: the model at its stage.
        recipe: its estimator with the default configuration.
        seasons: its rows; held-out seasons are among them and take no part.
        objective: what a trial is.
        space: what is searched.
        label: what a trial is scored by, with its unit.
    """

    job: TrainingJob
    recipe: Recipe
    seasons: KnownSeasons
    objective: EstimatorTrial
    space: Choose
    label: str

    @property
    def rows(self) -> dict[str, int]:
        """How many rows and races are learned from and scored on."""
        parts = {"learned": self.objective.train[0], "scored": self.objective.later[0]}
        return {
            **{f"rows_{name}": len(frame) for name, frame in parts.items()},
            **{f"races_{name}": int(frame["race_id"].nunique()) for name, frame in parts.items()},
        }

    def about(self) -> dict[str, Any]:
        """Return what decides the study beside its settings: a record goes on under the same alone."""
        asked = json.dumps([repr(each) for each in traced(self.space).parameters])
        return {
            "model": self.job.name,
            "estimator": self.recipe.estimator,
            "validation_seasons": self.seasons.validation,
            "frame_md5": self.job.frame_ref().md5,
            "space": sha256(asked.encode()).hexdigest()[:16],
        }


def subject(workspace: Workspace, name: str, estimator_name: str | None = None, sweep: Sweep | None = None) -> Subject:
    """Return what is searched for; the frame of a model that params.yaml does not list is made first.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        estimator_name: another estimator than that of params.yaml.
        sweep: a space instead of the estimator's own.

    Raises:
        UnknownName: there is no such model, estimator or setting.
        UsageError: the estimator is a rule with nothing to choose, or the sweep is of another metric.
        StageError: frame or seasons are missing.
    """
    job = workspace.job(name)
    chosen = estimator(job.definition.family, estimator_name or job.settings.estimator)
    if chosen.role != "model" or not traced(chosen.space).parameters:
        raise UsageError(f"{chosen.name} has nothing to choose; name an estimator with settings: --estimator NAME.")
    with workspace.exclusive(f"tune {job.name}"):
        make_frame(workspace, job.name)
        seasons = known_seasons(job)
        recipe = default_recipe(job.model, chosen.name, seasons.frame, job.params.seed, job.stage)
        plugin = with_params(chosen, {} if estimator_name else job.settings.params)
        recipe = replace(recipe, params=plugin.default())
        objective = seasons.objective(recipe)
    family = job.definition.answers
    if sweep is not None:
        _check(sweep, [*recipe.params, *traced(chosen.space).names()], job.validation_metric)
    space: Choose = plugin.space if sweep is None else _Sought(sweep.space.parameters, recipe.params)
    return Subject(
        job, recipe, seasons, objective, space, f"{family.tuned_by_words} ({family.metrics[family.tuned_by].unit})"
    )


def sweep_of(path: Path | None, settings: SearchSettings) -> Sweep | None:
    """Return the sweep of a file, if there is one; see `read_sweep` for the errors."""
    return None if path is None else read_sweep(path, settings)


@dataclass(frozen=True)
class _Sought(Space):
    """The space of a sweep; the estimator's other settings are as `rest` has them."""

    rest: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, trial: Any) -> Config:
        """Return a whole configuration."""
        return {**self.rest, **super().__call__(trial)}


def _check(sweep: Sweep, known: list[str], metric: str) -> None:
    for name in sweep.space.names():
        if name not in known:
            raise UnknownName("setting, of those that the sweep may choose", name, known)
    if sweep.metric not in {"", metric, metric.removeprefix("validation_")} or sweep.settings.direction != "minimize":
        raise UsageError(
            f"the sweep wants to {sweep.settings.direction} {sweep.metric!r}; trials of this model are scored by {metric}, which is "
            f"better when lower. Write `metric: {{name: {metric}, goal: minimize}}`, or leave it out."
        )
