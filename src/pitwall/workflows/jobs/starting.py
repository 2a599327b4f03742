"""Start, list and cancel jobs: training orders, deployments, judgements and repetitions, by the worker of the project's Prefect server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pitwall.adapters.prefect.api import PrefectApi
from pitwall.adapters.processes.prefect_server import named_server, running_server
from pitwall.domain.access.words import LOCAL
from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.project import Project
from pitwall.workflows import registry
from pitwall.workflows.bench.deploying import check_name
from pitwall.workflows.bench.drafts import find_draft, stored_of
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.jobs import notes, shares
from pitwall.workflows.jobs.ending import end_process
from pitwall.workflows.jobs.job import Job
from pitwall.workflows.jobs.standing import NO_WORKER, job_of, worker_alive
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import TrainingOrder, written
from pitwall.workflows.workspace import Workspace

AWAY = "no Prefect server of this project answers, so that nothing is known of its jobs; start it with `pitwall up`"
SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """Who starts a job, by which key, and which model is to answer when it has ended, if one is."""

    owner: str
    key: str
    model: str = ""


def start(workspace: Workspace, order: TrainingOrder, key: str = "", owner: str = LOCAL) -> Job:
    """Let a worker train an order.

    Args:
        workspace: of the project.
        order: what is asked for.
        key: of who starts it: the same again is the same job.
        owner: whose job it is.

    Raises:
        UnknownName, UsageError: the order names what is not there.
        QuotaExceeded: the owner's tier does not allow it now.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    filled = checked(order)
    shares.see_fits(workspace, filled, owner)
    what = f"{filled.question} at {filled.stage}, {filled.algorithm}"
    return _start(workspace, "order", {"order": written(filled)}, what, Asked(owner, key))


def deploy(  # noqa: PLR0917  (what the form of a page has)
    workspace: Workspace,
    draft: str,
    name: str,
    approve: Sequence[str] = (),
    note: str = "",
    key: str = "",
    owner: str = LOCAL,
) -> Job:
    """Let a worker deploy a draft under a name.

    Args:
        workspace: of the project.
        draft: what was trained.
        name: of the model from now on.
        approve: names of those who approve.
        note: why they approve.
        key: of who starts it: the same again is the same job.
        owner: whose job it is.

    Raises:
        UnknownName: there is no such draft.
        UsageError: the name is taken, or is none.
        QuotaExceeded: the owner's tier does not allow it now.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    stored = stored_of(find_draft(workspace, draft))
    check_name(name, stored)
    given = {"draft": draft, "name": name, **_approval(approve, note)}
    return _start(workspace, "deploy", given, f"deploy {name}", Asked(owner, key, f"{name}-{stored.spec.stage}"))


def judge(  # noqa: PLR0917  (what the form of a page has)
    workspace: Workspace,
    model: str,
    version: int,
    approve: Sequence[str] = (),
    note: str = "",
    key: str = "",
    owner: str = LOCAL,
) -> Job:
    """Let a worker ask all gates about a version that is registered, and promote it if they let it.

    Args:
        workspace: of the project.
        model: its registered name.
        version: of the model.
        approve: names of those who approve.
        note: why they approve.
        key: of who starts it: the same again is the same job.
        owner: whose job it is.

    Raises:
        UnknownName: there is no such model or version.
        QuotaExceeded: the owner's tier does not allow it now.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    found = registry.version_of(workspace, model, version)
    given = {"model": found.model, "version": version, **_approval(approve, note)}
    what = f"judge {found.model} version {version}"
    return _start(workspace, "judge", given, what, Asked(owner, key, found.model))


def train_again(workspace: Workspace, bundle: Received, key: str = "", owner: str = LOCAL) -> Job:
    """Let a worker verify a shared bundle and train its model again.

    Args:
        workspace: of the project.
        bundle: that was taken here.
        key: of who starts it: the same again is the same job.
        owner: whose job it is.

    Raises:
        QuotaExceeded: the owner's tier does not allow it now.
        StageError: no Prefect server or no worker is there; says what to do.
    """
    what = f"train {bundle.about.name} version {bundle.about.version} again"
    return _start(workspace, "verify", {"bundle": bundle.hash, "by": owner}, what, Asked(owner, key))


def owner_of_draft(workspace: Workspace, draft: str, asks: str = LOCAL) -> str:
    """Return whose a draft is: theirs who asks, if a job of theirs has trained it; of the last one who did; else of who sits at this machine.

    The same order is the same draft, so it may be several people's.

    Args:
        workspace: of the project.
        draft: its name.
        asks: who wants to know.
    """
    there = notes.notes(workspace.project)
    found = [each.owner for each in there if notes.result(workspace.project, each.id).get("draft") == draft]
    return asks if asks in found else next(iter(found), LOCAL)


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
        if not notes.process(workspace.project, number):
            workspace.accounts.release(found.note.owner, found.note.key)
    elif standing is not None:
        runs.cancelling(number, "told to end")
        end_process(workspace.project, number, by_force=False)
    return job(workspace, number)


def _approval(approve: Sequence[str], note: str) -> dict[str, Any]:
    return {"approve": [each for each in approve if each.strip()], "note": note}


def _start(workspace: Workspace, flow: str, given: dict[str, Any], what: str, asked: Asked) -> Job:
    """Take a job of the owner's day, start it, and note it: a kill between two of these is found out by `shares.settle`."""
    runs = _needed(workspace.project)
    if not worker_alive(workspace.project):
        raise StageError(f"{NO_WORKER}.")
    terms = shares.terms_of(workspace, asked.owner, asked.key or uuid4().hex)
    of = shares.owner_of_model(workspace, asked.model, asked.owner) if asked.model else ""
    fresh = shares.take(workspace, runs, terms, asked.model, of)
    try:
        number = runs.start(flow, given, what, shares.run_key(terms.owner, terms.key))
    except StageError:
        shares.give_back(workspace, runs, terms)
        raise
    there = notes.note(workspace.project, number) is not None
    notes.started(workspace.project, number, flow, what, given, terms)
    if there and fresh:  # the same form again, of a job that was cancelled before it began: it costs nothing
        workspace.accounts.release(terms.owner, terms.key)
    else:
        workspace.accounts.came_of(terms.owner, terms.key, number)
    return job(workspace, number)


def _server(project: Project) -> PrefectApi | None:
    url = named_server() or running_server(project)
    return PrefectApi(url) if url else None


def _needed(project: Project) -> PrefectApi:
    runs = _server(project)
    if runs is None:
        raise StageError(f"{AWAY}.")
    return runs
