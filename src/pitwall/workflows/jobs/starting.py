"""Start, list and cancel jobs: training orders, deployments and judgements, by the worker of the project's Prefect server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from pitwall.adapters.prefect.api import PrefectApi
from pitwall.adapters.processes.prefect_server import named_server, running_server
from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.project import Project
from pitwall.workflows import registry
from pitwall.workflows.bench.deploying import check_name
from pitwall.workflows.bench.drafts import find_draft, stored_of
from pitwall.workflows.jobs import notes
from pitwall.workflows.jobs.job import Job
from pitwall.workflows.jobs.standing import NO_WORKER, end_process, job_of, worker_alive
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import TrainingOrder, written
from pitwall.workflows.workspace import Workspace

AWAY = "no Prefect server of this project answers, so that nothing is known of its jobs; start it with `pitwall up`"
SHOWN = 20


def start(workspace: Workspace, order: TrainingOrder, key: str = "") -> Job:
    """Let a worker train an order.

    Args:
        workspace: of the project.
        order: what is asked for.
        key: of who starts it: the same again is the same job.

    Raises:
        UnknownName, UsageError: the order names what is not there.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    filled = checked(order)
    what = f"{filled.question} at {filled.stage}, {filled.algorithm}"
    return _start(workspace, "order", {"order": written(filled)}, what, key)


def deploy(  # noqa: PLR0917  (what the form of a page has)
    workspace: Workspace, draft: str, name: str, approve: Sequence[str] = (), note: str = "", key: str = ""
) -> Job:
    """Let a worker deploy a draft under a name.

    Args:
        workspace: of the project.
        draft: what was trained.
        name: of the model from now on.
        approve: names of those who approve.
        note: why they approve.
        key: of who starts it: the same again is the same job.

    Raises:
        UnknownName: there is no such draft.
        UsageError: the name is taken, or is none.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    check_name(name, stored_of(find_draft(workspace, draft)))
    given = {"draft": draft, "name": name, **_approval(approve, note)}
    return _start(workspace, "deploy", given, f"deploy {name}", key)


def judge(  # noqa: PLR0917  (what the form of a page has)
    workspace: Workspace, model: str, version: int, approve: Sequence[str] = (), note: str = "", key: str = ""
) -> Job:
    """Let a worker ask all gates about a version that is registered, and promote it if they let it.

    Args:
        workspace: of the project.
        model: its registered name.
        version: of the model.
        approve: names of those who approve.
        note: why they approve.
        key: of who starts it: the same again is the same job.

    Raises:
        UnknownName: there is no such model or version.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    found = registry.version_of(workspace, model, version)
    given = {"model": found.model, "version": version, **_approval(approve, note)}
    return _start(workspace, "judge", given, f"judge {found.model} version {version}", key)


def jobs(workspace: Workspace, most: int = SHOWN) -> list[Job]:
    """Return the newest jobs; their state is `unknown` while no Prefect server answers."""
    there = notes.notes(workspace.project)[:most]
    runs = _server(workspace.project)
    if runs is None:
        return [Job(each, "unknown", AWAY) for each in there]
    return [job_of(workspace, runs, each, whole=False) for each in there]


def job(workspace: Workspace, number: str) -> Job:
    """Return one job, with its steps and the end of its log.

    Raises:
        UsageError: there is none of this id.
    """
    note = notes.note(workspace.project, notes.checked(number))
    if note is None:
        raise UsageError(f"there is no job {number}; `pitwall order jobs` lists them.")
    runs = _server(workspace.project)
    if runs is None:
        result = notes.result(workspace.project, number)
        return Job(note, "ended" if result else "unknown", "" if result else AWAY, result=result)
    return job_of(workspace, runs, note)


def cancel(workspace: Workspace, number: str) -> Job:
    """End a job: one that waits does not begin, one at work is told to end and ended by force after some seconds.

    Raises:
        UsageError: there is none of this id.
        StageError: no Prefect server answers.
    """
    found = job(workspace, number)
    runs = _needed(workspace.project)
    if not found.open:
        return found
    notes.marked(workspace.project, number, notes.CANCELLED)
    standing = runs.run(number)
    if standing is not None and standing.run.state == "SCHEDULED":
        runs.close(standing.run, "CANCELLED", "cancelled before it began")
    elif standing is not None:
        runs.cancelling(number, "told to end")
        end_process(workspace.project, number, by_force=False)
    return job(workspace, number)


def _approval(approve: Sequence[str], note: str) -> dict[str, Any]:
    return {"approve": [each for each in approve if each.strip()], "note": note}


def _start(workspace: Workspace, flow: str, given: dict[str, Any], what: str, key: str) -> Job:
    runs = _needed(workspace.project)
    if not worker_alive(workspace.project):
        raise StageError(f"{NO_WORKER}.")
    number = runs.start(flow, given, what, f"job {key or uuid4().hex}")
    notes.started(workspace.project, number, flow, what, given)
    return job(workspace, number)


def _server(project: Project) -> PrefectApi | None:
    url = named_server() or running_server(project)
    return PrefectApi(url) if url else None


def _needed(project: Project) -> PrefectApi:
    runs = _server(project)
    if runs is None:
        raise StageError(f"{AWAY}.")
    return runs
