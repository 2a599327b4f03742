"""Tasks of an order, each a step that people read on the page of its job; what came of it is left beside the job for that page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from pitwall.domain.errors import StageError
from pitwall.domain.refs import Verdict
from pitwall.ml.gates import Candidate
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows import train
from pitwall.workflows.bench import deploying, drafts, examining
from pitwall.workflows.bench.drafts import Draft
from pitwall.workflows.jobs import notes, overtime
from pitwall.workflows.orders import training
from pitwall.workflows.orders.order import read
from pitwall.workflows.promote import Decision
from pitwall.workflows.workspace import Workspace
from tasks._here import workspace


def begun() -> None:
    """Say which process works on this run: who looks for it finds out whether it still lives.

    Raises:
        StageError: it was cancelled before it began.
    """
    if notes.since(workspace().project, _job(), notes.CANCELLED) is not None:
        raise StageError("cancelled before it began.")
    notes.begun(workspace().project, _job())
    if runtime.deployment.id:  # a run of the command line's own has no owner whose tier would end it
        overtime.watch(workspace().project, _job())


@task(cache_policy=NO_CACHE, task_run_name="rows")
def rows(order: str) -> Draft:
    """Choose the rows, join their features as known at each cut-off, and open the MLflow run, tied to this flow run."""
    found = training.settle(workspace(), read(order))
    return drafts.begin_draft(workspace(), found.spec, found.files, _job(), tags=found.tags)


@task(cache_policy=NO_CACHE, task_run_name="tune")
def tune(draft: Draft) -> Recipe:
    """Search the estimator's space on the validation seasons, or take it as it is."""
    return train.tune(workspace(), draft.name, draft.run_id)


@task(cache_policy=NO_CACHE, task_run_name="judge")
def judge(draft: Draft, recipe: Recipe) -> None:
    """Predict the held-out seasons, walking forward."""
    train.judge(workspace(), draft.name, draft.run_id, recipe)


@task(cache_policy=NO_CACHE, task_run_name="refit")
def refit(draft: Draft, recipe: Recipe) -> None:
    """Fit the recipe on all races and put the draft in its place."""
    train.refit(workspace(), draft.name, draft.run_id, recipe)
    drafts.complete_draft(workspace(), draft, recipe)


@task(cache_policy=NO_CACHE, task_run_name="audit")
def audit(draft: Draft) -> list[Verdict]:
    """Ask whether the draft knows what nobody could."""
    return examining.audited(_candidate(workspace(), draft))


@task(cache_policy=NO_CACHE, task_run_name="compare")
def compare(draft: Draft) -> list[Verdict]:
    """Hold the draft against its baselines, and ask what else the gates will ask."""
    return examining.compared(_candidate(workspace(), draft))


@task(cache_policy=NO_CACHE, task_run_name="name-{name}")
def name(draft: str, name: str) -> str:
    """Register the draft under its name; return the registered one, with its stage."""
    here = workspace()
    return deploying.register_draft(here, drafts.find_draft(here, draft), name)


def trained(draft: Draft, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Leave what was trained beside the job, and return it."""
    return left({"draft": draft.name, "run_id": draft.run_id, "verdicts": [each.row() for each in verdicts]})


def decided(decision: Decision) -> dict[str, Any]:
    """Leave what was decided beside the job, and return it."""
    return left(decision.row())


def left(result: dict[str, Any]) -> dict[str, Any]:
    """Leave what came of a job beside it, and return it."""
    notes.ended(workspace().project, _job(), result)
    return result


def _job() -> str:
    return str(runtime.flow_run.id)


@lru_cache(maxsize=1)
def _candidate(here: Workspace, draft: Draft) -> Candidate:
    """Return what the audit and the comparison look at; read once for both."""
    return examining.candidate_of(here, draft)
