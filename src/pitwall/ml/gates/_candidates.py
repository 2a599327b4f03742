"""Gather what gates look at for one registered version, and ask them all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.plugins.provenance import check_declared
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.refs import Verdict, file_md5
from pitwall.domain.tables import load_tables
from pitwall.features import FeatureEngineer, feature_sets, groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.families.predictions import WHO, load_predictions, stack
from pitwall.ml.gates import Candidate, gates, run_gate
from pitwall.ml.gates._gate import Standing
from pitwall.ml.gates.refit_equal import read_files
from pitwall.ml.models import Model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.training.training_job import TrainingJob

CHAMPION = "champion"


def load_candidate(job: TrainingJob, registry: Registry, version: ModelVersion, card: str | None = None) -> Candidate:
    """Gather what the gates look at, for one registered version.

    Args:
        job: names the model and the project.
        registry: holds the version and the champion.
        version: the candidate.
        card: its model card as Markdown, None without one.

    Raises:
        StageError: the frame or the baselines' predictions are missing; says which command makes them.
        PluginError: the project has plug-ins that DVC does not watch: nobody knows whether they were trained with.
    """
    return replace(
        unregistered(job, registry.fetch(job.name, version.version), version.content, version.tags),
        champion=_standing(job.name, registry),
        card=card,
        interface=lambda: registry.interface(job.name, version.version),
    )


def unregistered(job: TrainingJob, folder: Path, content: str, provenance: Mapping[str, str]) -> Candidate:
    """Gather what those gates look at that ask for no registered version.

    Args:
        job: names the model and the project.
        folder: of the trained model.
        content: its hash.
        provenance: what its run was tagged with.

    Raises:
        StageError: the frame or the baselines' predictions are missing; says which command makes them.
        PluginError: the project has plug-ins that DVC does not watch: nobody knows whether they were trained with.
    """
    check_declared(job.project)
    own = load_predictions(folder)
    name = str(own[WHO].iloc[0])
    judged = load_predictions(job.target)
    others = judged[(judged["role"] == "baseline") & (judged[WHO] != name)]
    tables, path = load_tables(job.project.tables), job.made_frame
    recipe = Recipe.load(folder)
    definition = recipe.definition
    return Candidate(
        name=job.name,
        model=job.model,
        stage=job.stage,
        content=content,
        params=job.params,
        tables=tables,
        spine=job.definition.spine(tables, job.stage),
        frame=pd.read_parquet(path),
        groups=read_groups(job.definition, recipe.features),
        predictions=stack([own, others], definition.answers),
        estimator=name,
        answer=_answer(folder),
        provenance=provenance,
        recipe=recipe,
        files=read_files(folder),
        frame_md5=file_md5(path),
        openings=holdout_log.count(job.project, job.opened_as, own, of=job.definition),
    )


def read_groups(definition: Model, features: Collection[str]) -> tuple[FeatureGroup, ...]:
    """Return the groups that own the features that a model reads: what it does not read cannot spoil it.

    Where a session registered a feature under a name that ships, the shipped one is meant: models learn from files. A user's model
    brings its own.

    Raises:
        FeatureError: no group owns a feature, so that nobody could replay it.
    """
    known = (
        *FeatureEngineer().groups(),
        *groups().values(),
        *feature_sets()[definition.feature_set],
        *definition.custom,
    )
    owners = {name: group for group in known for name in group.names}
    if unowned := sorted(set(features) - set(owners)):
        raise FeatureError(
            f"the model reads {', '.join(unowned)}, which no feature group owns: nobody can replay it. Keep a custom "
            "feature as a file of `src/pitwall/features` (docs/adding.md), then train again."
        )
    read = {owners[name].name: owners[name] for name in features}
    return tuple(read[name] for name in sorted(read))


def judge(candidate: Candidate) -> list[Verdict]:
    """Return the verdicts of all gates, in the order of their names."""
    return [verdict for gate in gates().values() for verdict in run_gate(gate, candidate)]


def _standing(name: str, registry: Registry) -> Standing | None:
    champion = registry.alias(name, CHAMPION)
    if champion is None:
        return None
    folder = registry.fetch(name, champion.version)
    return Standing(champion.version, champion.content, load_predictions(folder))


def _answer(folder: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return the model's answer; it is loaded when a gate asks first."""

    @cache
    def loaded() -> FittedModel:
        return FittedModel.load(folder)

    return lambda frame: loaded().answer(frame)
