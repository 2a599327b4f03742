"""Tasks of training: one per step, so that a run's page shows where the time went and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from prefect import runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.project import find_project
from pitwall.domain.refs import RunRef
from pitwall.domain.when import Stage
from pitwall.ml.cards.build import ensure, stores_of
from pitwall.ml.families.predictions import FILE as PREDICTIONS
from pitwall.ml.models.machinery.frames import build_frame
from pitwall.ml.models.machinery.names import model_names, resolve_model
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.training import steps
from pitwall.ml.training.training_job import TrainingJob
from pitwall.tracking.capture import capture, training_work
from pitwall.tracking.record import ManifestRecord


def job(name: str) -> TrainingJob:
    """Return what a training of this name works on."""
    project = find_project()
    return steps.training_job(project, wiring.params(project), name)


def provenance() -> dict[str, str]:
    """Return where a result of this flow run comes from."""
    return {**wiring.provenance(find_project()), "prefect.flow_run_id": str(runtime.flow_run.id)}


def models() -> list[str]:
    """Return the names of all models that params.yaml trains, the earliest stage first: it answers where a later one cannot."""
    return sorted(
        model_names(wiring.params(find_project())), key=lambda name: list(Stage).index(Stage(job(name).stage))
    )


def all_published() -> bool:
    """Return whether every model of params.yaml has predictions to compare."""
    return all((job(name).target / PREDICTIONS).is_file() for name in models())


def resolved(name: str) -> str:
    """Return the model's name for a model or a template."""
    return resolve_model(name, wiring.params(find_project()))


def closing(run_id: str) -> AbstractContextManager[None]:
    """Close the MLflow run in its true state whatever happens to the flow."""
    return steps.closing(wiring.tracker(find_project()), run_id)


@task(cache_policy=NO_CACHE)
def close_killed_runs() -> list[str]:
    """Mark runs of processes that are gone as killed."""
    return wiring.tracker(find_project()).reap()


@task(cache_policy=NO_CACHE, task_run_name="is-stale-{stage}")
def is_stale(stage: str) -> bool:
    """Ask DVC whether a stage would run again."""
    return bool(wiring.data_versions(find_project()).stale([stage]))


@task(cache_policy=NO_CACHE, task_run_name="frame-{name}")
def make_frame(name: str) -> None:
    """Make the frame of a model that params.yaml does not list; those of the others are DVC's."""
    project, work = find_project(), job(name)
    if not work.listed:
        build_frame(project, work.params, wiring.feature_reader(project), name)


@task(cache_policy=NO_CACHE, task_run_name="open-run-{name}")
def open_run(name: str, manual_steps: Sequence[str] = ()) -> str:
    """Open the MLflow run with its manifest, tied to this flow run, and return its id."""
    project, work = find_project(), job(name)
    tracker, runs = wiring.tracker(project), wiring.runs(project)
    subject = training_work(
        name,
        work.settings.estimator,
        work.params,
        experiment=work.experiment,
        frame=work.frame_ref(),
        splits=steps.split_races(work),
    )
    flow_run, taken = str(runtime.flow_run.id), runs.names(work.experiment)
    found = capture(project, subject, provenance(), flow_run=flow_run, manual_steps=manual_steps, taken=taken)
    run_id = steps.open_run(work, tracker, found.tags)
    with steps.closing(tracker, run_id, success=None):
        ManifestRecord(project, tracker, runs, found).begin(run_id)
    return run_id


@task(cache_policy=NO_CACHE, task_run_name="tune-{name}")
def tune(name: str, run_id: str) -> Recipe:
    """Search the estimator's space on the validation seasons."""
    return steps.tune(job(name), run_id, wiring.tracker(find_project()))


@task(cache_policy=NO_CACHE, task_run_name="judge-{name}")
def judge(name: str, run_id: str, recipe: Recipe) -> None:
    """Predict the held-out seasons, walking forward."""
    steps.judge(job(name), run_id, recipe, wiring.tracker(find_project()))


@task(cache_policy=NO_CACHE, task_run_name="refit-{name}")
def refit(name: str, recipe: Recipe) -> None:
    """Fit the recipe on all races."""
    steps.refit(job(name), recipe)


@task(cache_policy=NO_CACHE, task_run_name="publish-{name}")
def publish(name: str, run_id: str, recipe: Recipe) -> RunRef:
    """Move the model into place, register it, complete the run's manifest and link the run from this flow run."""
    project = find_project()
    stores = wiring.tracker(project), wiring.registry(project)
    record = ManifestRecord(project, stores[0], wiring.runs(project))
    ref = steps.publish(job(name), run_id, recipe, *stores, provenance=record.tags(run_id))
    record.complete(run_id, recipe.manifest())
    assert ref.version is not None
    ensure(job(name), stores_of(project), stores[1].get(name, ref.version))
    text = f"{name} version {ref.version}, MLflow run `{run_id}`: {wiring.run_page(project, run_id)}"
    create_markdown_artifact(text, key=f"mlflow-run-{name}".replace("_", "-"), description="The training in MLflow")
    return ref


@task(cache_policy=NO_CACHE, task_run_name="record-{stage}")
def record(stage: str) -> None:
    """Tell DVC that a stage was run here, so that `dvc repro` has nothing to do."""
    wiring.data_versions(find_project()).commit(stage)


@task(cache_policy=NO_CACHE)
def evaluate() -> None:
    """Write the backtest table and its plots."""
    from pitwall.ml.backtest.published_scores import evaluate as run

    project = find_project()
    run(project, wiring.params(project))


def is_listed(name: str) -> bool:
    """Whether DVC trains the model: params.yaml lists it."""
    return job(name).listed
