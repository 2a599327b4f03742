"""Tasks of training: one per step, so that a run's page shows where the time went and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from prefect import runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pitwall.domain.refs import RunRef
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows import train
from tasks._here import workspace


def models() -> list[str]:
    """Return the names of all models that params.yaml trains, the earliest stage first."""
    return train.models(workspace())


def all_published() -> bool:
    """Return whether every model of params.yaml has predictions to compare."""
    return train.all_published(workspace())


def resolved(name: str) -> str:
    """Return the model's name for a model or a template."""
    return workspace().job(name).name


def is_listed(name: str) -> bool:
    """Whether params.yaml lists the model, so that DVC has a stage that trains it."""
    return workspace().job(name).listed


def closing(run_id: str) -> AbstractContextManager[None]:
    """Close the MLflow run in its true state whatever happens to the flow."""
    return train.closing(workspace(), run_id)


@task(cache_policy=NO_CACHE)
def close_killed_runs() -> list[str]:
    """Mark runs of processes that are gone as killed."""
    return train.close_killed_runs(workspace())


@task(cache_policy=NO_CACHE, task_run_name="frame-{name}")
def make_frame(name: str) -> None:
    """Make the frame of a model that params.yaml does not list; those of the others are DVC's."""
    train.make_frame(workspace(), name)


@task(cache_policy=NO_CACHE, task_run_name="open-run-{name}")
def open_run(name: str, manual_steps: Sequence[str] = ()) -> str:
    """Open the MLflow run with its manifest, tied to this flow run, and return its id."""
    return train.open_run(workspace(), name, flow_run=str(runtime.flow_run.id), manual_steps=manual_steps)


@task(cache_policy=NO_CACHE, task_run_name="tune-{name}")
def tune(name: str, run_id: str) -> Recipe:
    """Search the estimator's space on the validation seasons."""
    return train.tune(workspace(), name, run_id)


@task(cache_policy=NO_CACHE, task_run_name="judge-{name}")
def judge(name: str, run_id: str, recipe: Recipe) -> None:
    """Predict the held-out seasons, walking forward."""
    train.judge(workspace(), name, run_id, recipe)


@task(cache_policy=NO_CACHE, task_run_name="refit-{name}")
def refit(name: str, run_id: str, recipe: Recipe) -> None:
    """Fit the recipe on all races."""
    train.refit(workspace(), name, run_id, recipe)


@task(cache_policy=NO_CACHE, task_run_name="publish-{name}")
def publish(name: str, run_id: str, recipe: Recipe) -> RunRef:
    """Move the model into place, register it, complete the run's manifest and link the run from this flow run."""
    ref = train.publish(workspace(), name, run_id, recipe)
    text = f"{name} version {ref.version}, MLflow run `{run_id}`: {train.page(workspace(), run_id)}"
    create_markdown_artifact(text, key=f"mlflow-run-{name}".replace("_", "-"), description="The training in MLflow")
    return ref
