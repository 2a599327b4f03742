"""Train a model: open its run with a manifest, tune, judge, refit, publish, and write its card.

`train` does it all; a flow calls the same steps one by one, as tasks of their own. Whatever happens, the run is closed in its true
state (`pitwall.tracking.closing`), and what died leaves the previous model as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

from pitwall import wiring
from pitwall.domain.refs import RunRef
from pitwall.domain.when import Stage
from pitwall.ml.cards.build import ensure
from pitwall.ml.families.predictions import FILE as PREDICTIONS
from pitwall.ml.models.machinery.names import model_names
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.models.machinery.unlisted import build_frame
from pitwall.ml.specs import find_spec
from pitwall.ml.training import steps
from pitwall.tracking import closing as runs
from pitwall.tracking.capture import capture, training_work
from pitwall.tracking.record import ManifestRecord
from pitwall.tracking.reproduce.ingredients import SPEC
from pitwall.workflows.automl import check_found
from pitwall.workflows.logbook import news
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)


def train(workspace: Workspace, name: str, *, manual_steps: Sequence[str] = ()) -> RunRef:
    """Train a model and register it as a candidate; return the run with the version that it made.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        manual_steps: what was done by hand, for the manifest.

    Raises:
        UnknownName: params.yaml trains no such model.
        StageError: there is no frame to learn from.
    """
    name = workspace.job(name).name
    with workspace.exclusive(f"train {name}"):
        for killed in close_killed_runs(workspace):
            log.info("an earlier run was killed and is now marked so: %s", killed)
        make_frame(workspace, name)
        run_id = open_run(workspace, name, manual_steps=manual_steps)
        with closing(workspace, run_id):
            check_found(workspace, name)
            recipe = tune(workspace, name, run_id)
            judge(workspace, name, run_id, recipe)
            refit(workspace, name, run_id, recipe)
            return publish(workspace, name, run_id, recipe)


def close_killed_runs(workspace: Workspace) -> list[str]:
    """Mark runs of processes that are gone as killed, and return them."""
    return workspace.tracker.reap()


def make_frame(workspace: Workspace, name: str) -> None:
    """Make the frame of what params.yaml does not train; those of the others are a step of DVC's."""
    job = workspace.job(name)
    if not job.listed:
        build_frame(workspace.project, workspace.params, workspace.features, job.name)


def open_run(workspace: Workspace, name: str, *, flow_run: str | None = None, manual_steps: Sequence[str] = ()) -> str:
    """Capture the manifest, open the run with it, and return the run's id.

    Args:
        workspace: of the project.
        name: a model.
        flow_run: id of the Prefect flow run that orders the training, if one does.
        manual_steps: what was done by hand.
    """
    job = workspace.job(name)
    work = training_work(
        job.name,
        job.settings.estimator,
        job.params,
        experiment=job.experiment,
        frame=job.frame_ref(),
        splits=steps.split_races(job),
        spec=job.definition.spec,
    )
    captured = capture(
        workspace.project,
        work,
        workspace.provenance(flow_run),
        flow_run=flow_run,
        manual_steps=manual_steps,
        taken=workspace.runs.names(job.experiment),
    )
    run_id = steps.open_run(job, workspace.tracker, captured.tags)
    with runs.closing(workspace.tracker, run_id, success=None):
        steps.begin(job, run_id, workspace.tracker)
        ManifestRecord(workspace.project, workspace.tracker, workspace.runs, captured).begin(run_id)
        if (ordered := find_spec(job.model)) is not None:
            workspace.tracker.files(run_id, ordered.folder, SPEC)
    return run_id


def closing(workspace: Workspace, run_id: str) -> AbstractContextManager[None]:
    """Close the run in its true state whatever happens meanwhile."""
    return runs.closing(workspace.tracker, run_id)


def tune(workspace: Workspace, name: str, run_id: str) -> Recipe:
    """Search the estimator's space on the validation seasons."""
    return steps.tune(workspace.job(name), run_id, workspace.tracker)


def judge(workspace: Workspace, name: str, run_id: str, recipe: Recipe) -> None:
    """Predict the held-out seasons, walking forward."""
    steps.judge(workspace.job(name), run_id, recipe, workspace.tracker)


def refit(workspace: Workspace, name: str, run_id: str, recipe: Recipe) -> None:
    """Fit the recipe on all races."""
    steps.refit(workspace.job(name), run_id, recipe, workspace.tracker)


def publish(workspace: Workspace, name: str, run_id: str, recipe: Recipe) -> RunRef:
    """Move the model into place, register it, complete the run's manifest, write the version's card, say if it is the best yet."""
    job, tracker, registry = workspace.job(name), workspace.tracker, workspace.registry
    record = ManifestRecord(workspace.project, tracker, workspace.runs)
    ref = steps.publish(job, run_id, recipe, tracker, registry, provenance=record.tags(run_id))
    record.complete(run_id, recipe.manifest())
    assert ref.version is not None
    ensure(job, workspace, registry.get(name, ref.version))
    news.registered(workspace, name, ref.version)
    return ref


def page(workspace: Workspace, run_id: str) -> str:
    """Return where the MLflow server of `pitwall ui` shows a run."""
    return wiring.run_page(workspace.project, run_id)


def models(workspace: Workspace) -> list[str]:
    """Return the names of all models that params.yaml trains, the earliest stage first: it answers where a later one cannot."""
    order = list(Stage)
    return sorted(model_names(workspace.params), key=lambda name: order.index(Stage(workspace.job(name).stage)))


def all_published(workspace: Workspace) -> bool:
    """Return whether every model of params.yaml has predictions to compare."""
    return all((workspace.job(name).target / PREDICTIONS).is_file() for name in models(workspace))
