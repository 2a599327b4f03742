"""Bring what was trained into the registry, and let the gates judge it.

DVC's run cache may restore a model without running anything, so whoever needs a version registers first; the same bytes are one version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pitwall.domain.errors import StageError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.audit import Effort, Report
from pitwall.ml.audit._names import tables_for
from pitwall.ml.cards.artifacts import card_text
from pitwall.ml.cards.build import ensure
from pitwall.ml.evaluation.model_audit import Trained, audit_trained
from pitwall.ml.families.predictions import WHO, load_predictions, stack
from pitwall.ml.gates import Candidate, gates, run_gate
from pitwall.ml.gates._candidates import judge as ask_all
from pitwall.ml.gates._candidates import load_candidate, read_groups
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.registry.promotion import ensure_champion
from pitwall.ml.training.registration import sync
from pitwall.tracking.mandatory import type_of_training, version_of_data, with_mandatory
from pitwall.workflows.workspace import Workspace


def registered(
    workspace: Workspace, name: str, provenance: Mapping[str, str], *, fresh: bool = False
) -> dict[str, ModelVersion]:
    """Return the versions of a trained model and its baseline, by role, registered where the registry lacks them.

    Args:
        workspace: of the project.
        name: a model.
        provenance: of the present code and data.
        fresh: DVC says that the present code and data make exactly this model.

    Raises:
        StageError: nothing is trained.
    """
    job = workspace.job(name)
    tags = with_mandatory(
        provenance,
        experiment_type=type_of_training(job.params),
        dataset_version=version_of_data(job.params.sources, workspace.versions.hashes()),
    )
    return sync(job, workspace.tracker, workspace.registry, tags, fresh=fresh)


def with_cards(workspace: Workspace, name: str) -> dict[str, ModelVersion]:
    """Return the versions of a trained model and its baseline, registered and each with its card.

    Raises:
        StageError: nothing is trained.
    """
    versions = _registered_now(workspace, name)
    _write_cards(workspace, name, versions)
    return versions


def register(workspace: Workspace, name: str) -> Candidacy:
    """Return who stands for promotion: a trained model, its baseline and the champion; without one the baseline becomes it.

    A version that has no card yet, because DVC restored it from its cache, gets it here.

    Raises:
        StageError: nothing is trained.
    """
    versions = _registered_now(workspace, name)
    champion = ensure_champion(workspace.registry, workspace.history, versions["baseline"])
    _write_cards(workspace, name, versions)
    return Candidacy(name, versions["model"].version, versions["baseline"].version, champion.version)


def chosen(candidacy: Candidacy, version: int | None) -> Candidacy:
    """Return the candidacy of another version of the same model, if one is named."""
    return candidacy if version is None else replace(candidacy, version=version)


def candidate(workspace: Workspace, candidacy: Candidacy) -> Candidate:
    """Return what all gates look at."""
    version = workspace.registry.get(candidacy.model, candidacy.version)
    card = card_text(workspace.runs, version)
    return load_candidate(workspace.job(candidacy.model), workspace.registry, version, card)


def all_gates() -> list[str]:
    """Return the names of all gates; there is no way to leave one out."""
    return list(gates())


def ask(gate: str, who: Candidate) -> list[Verdict]:
    """Let one gate judge a candidate."""
    return run_gate(gates()[gate], who)


def judge(workspace: Workspace, candidacy: Candidacy) -> list[Verdict]:
    """Let every gate judge a candidate."""
    return ask_all(candidate(workspace, candidacy))


def audit_model(workspace: Workspace, name: str, effort: Effort, progress: Callable[[str], None]) -> Report:
    """Audit what a trained model reads at its stage, as it was joined, and what it said out of sample.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        effort: how much of the data is looked at.
        progress: is told what was done.

    Raises:
        StageError: nothing is trained.
    """
    job = workspace.job(name)
    folder = job.target / "model"
    if not folder.is_dir():
        raise StageError(f"there is no trained {job.name} at {folder}; train it with `pitwall train {job.name}`.")
    own, recipe, definition = load_predictions(folder), FittedModel.load(folder).recipe, job.definition
    groups = read_groups(definition, recipe.features)
    tables, params = tables_for(groups, workspace.project, job.params)
    judged = load_predictions(job.target)
    trained = Trained(
        name=job.name,
        definition=definition,
        stage=job.stage,
        groups=groups,
        predictions=stack([own, judged[judged[WHO] != recipe.estimator]], definition.answers),
        estimator=recipe.estimator,
        tables=tables.replace(**job.tables()),
        params=params,
        frame=job.frame(),
    )
    return audit_trained(trained, effort, progress)


def _registered_now(workspace: Workspace, name: str) -> dict[str, ModelVersion]:
    # What DVC calls fresh is what the present commit makes, whatever was uncommitted when it was trained; of a model that it does
    # not train it cannot say so.
    fresh = workspace.job(name).listed and not workspace.versions.stale([f"train@{name}"])
    return registered(workspace, name, workspace.provenance(), fresh=fresh)


def _write_cards(workspace: Workspace, name: str, versions: Mapping[str, ModelVersion]) -> None:
    for role in ("baseline", "model"):
        ensure(workspace.job(name), workspace, versions[role])
