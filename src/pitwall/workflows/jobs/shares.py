"""What an owner's tier lets them start: a job of the day, a model that answers, so much data. Taken before anything begins.

Whoever takes a job looks first at those that were taken and never noted: a starter that was killed has left either a flow run, which is
noted now and stays used, or nothing, and then the job is given back.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, timedelta

from pitwall.adapters.prefect.api import PrefectApi
from pitwall.domain.access.words import LOCAL, Deployment, Share, Tier
from pitwall.domain.clock import wall
from pitwall.domain.errors import QuotaExceeded, StageError, UnknownName
from pitwall.domain.ports import ModelVersion
from pitwall.ml.estimators.shared.learners.device import CPU
from pitwall.ml.specs import find_spec
from pitwall.workflows.jobs import notes
from pitwall.workflows.jobs.notes import Terms
from pitwall.workflows.jobs.standing import job_of
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.orders.preview import Limit, preview
from pitwall.workflows.workspace import Workspace

STARTING = timedelta(minutes=1)  # a start takes seconds: whoever has taken longer was killed
HOUR_S = 3600


def run_key(owner: str, key: str) -> str:
    """Return what makes a job one flow run, however often it is asked for."""
    return f"job {owner} {key}"


def take(workspace: Workspace, runs: PrefectApi, terms: Terms, model: str = "", of: str = "") -> bool:
    """Take one job of the owner's day, and with it a model that is to answer; False where the key had taken it before.

    Args:
        workspace: of the project.
        runs: the Prefect server.
        terms: whose job it is, and by which key.
        model: that is to be deployed, if one is.
        of: whose model it is.

    Raises:
        QuotaExceeded: nothing is left; says when it begins anew.
    """
    settle(workspace, runs, terms.owner)
    if model and workspace.accounts.tier_of(of).deployed is not None:
        count_deployed(workspace, runs, of)
    return workspace.accounts.reserve(terms.owner, terms.key, model=model, of=of)


def settle(workspace: Workspace, runs: PrefectApi, owner: str) -> None:
    """See what came of jobs whose starter was killed before it noted them."""
    for share in workspace.accounts.shares(owner):
        if not share.job and wall() - share.taken > STARTING:
            _settle(workspace, runs, share)


def give_back(workspace: Workspace, runs: PrefectApi, terms: Terms) -> None:
    """Give a job back that could not be started; where nobody can say so now, whoever looks later finds out."""
    with suppress(StageError):
        if runs.started_as(run_key(terms.owner, terms.key)) is None:
            workspace.accounts.release(terms.owner, terms.key)


def terms_of(workspace: Workspace, owner: str, key: str) -> Terms:
    """Return on which terms an owner starts a job now: how long it may take, by which tier."""
    tier = workspace.accounts.tier_of(owner)
    return Terms(owner, key, tier.name, None if tier.job_hours is None else tier.job_hours * HOUR_S)


def see_fits(workspace: Workspace, order: TrainingOrder, owner: str) -> None:
    """Look at how much data an order trains on, and on which device, where its owner's tier has a limit.

    Raises:
        QuotaExceeded: it is more than the tier allows.
    """
    limit = limit_of(workspace, owner)
    if order.device != CPU and not limit.gpu:
        raise QuotaExceeded("a GPU", f"none in the tier {limit.tier}", "order `device: cpu`")
    if limit.megabytes is None:
        return
    size = preview(workspace, order, limit).size_mb
    if size > limit.megabytes:
        raise QuotaExceeded(
            f"a table of {size:.1f} MB",
            f"at most {limit.megabytes:g} MB in the tier {limit.tier}",
            "choose fewer seasons, circuits or features",
        )


def limit_of(workspace: Workspace, owner: str) -> Limit:
    """Return how much data an owner may train on."""
    tier = workspace.accounts.tier_of(owner)
    return Limit(tier.name, tier.dataset_mb, tier.gpu)


def told(workspace: Workspace, owner: str) -> str:
    """Return in words what an owner has left of today; empty where there is no limit."""
    tier = workspace.accounts.tier_of(owner)
    if tier.jobs_per_day is None:
        return ""
    used = workspace.accounts.jobs_on(owner, wall().astimezone(UTC).date())
    return f"{used} of {tier.jobs_per_day} jobs of today are used in the tier {tier.name}{_hours(tier)}."


def owner_of_model(workspace: Workspace, model: str, asks: str = LOCAL) -> str:
    """Return whose a model is: who deployed it first; what is there without a deployment is of who sits at this machine.

    Args:
        workspace: of the project.
        model: its registered name.
        asks: who gets a name that is free.
    """
    found = {each.model: each.owner for each in workspace.accounts.deployments()}
    if model in found:
        return found[model]
    name, _, _ = model.rpartition("-")
    return asks if find_spec(name) is None and model not in workspace.registry.models() else LOCAL


def count_deployed(workspace: Workspace, runs: PrefectApi, owner: str) -> None:
    """See which of an owner's models answer now, or may when a job has ended: those count."""
    held = {share.key: share for share in workspace.accounts.shares(owner)}
    for each in workspace.accounts.deployments(owner):
        counts = _answers(workspace, each.model) or _under_way(workspace, runs, each, held.get(each.key))
        if counts != each.counts:
            workspace.accounts.count(each, counts=counts)


def _settle(workspace: Workspace, runs: PrefectApi, share: Share) -> None:
    noted = [each for each in notes.notes(workspace.project) if (each.owner, each.key) == (share.owner, share.key)]
    number = noted[0].id if noted else runs.started_as(run_key(share.owner, share.key))
    if number is None:
        workspace.accounts.release(share.owner, share.key)
        return
    if not noted and (found := runs.run(number)) is not None:
        terms = terms_of(workspace, share.owner, share.key)
        notes.started(workspace.project, number, found.run.flow, found.run.name, found.parameters, terms)
    workspace.accounts.came_of(share.owner, share.key, number)


def _answers(workspace: Workspace, model: str) -> bool:
    """Return whether a model of one's own answers under a name, and not the rule that it could not beat."""
    try:
        champion: ModelVersion | None = workspace.registry.alias(model, "champion")
    except UnknownName:
        return False
    return champion is not None and champion.tags.get("role") != "baseline"


def _under_way(workspace: Workspace, runs: PrefectApi, deployment: Deployment, share: Share | None) -> bool:
    """Return whether a job is at work, or waits, that may let a model answer."""
    if share is None:
        return False
    if not share.job:
        return wall() - share.taken <= STARTING
    note = notes.note(workspace.project, share.job)
    return note is not None and job_of(workspace, runs, note, whole=False).open


def _hours(tier: Tier) -> str:
    return "" if tier.job_hours is None else f"; each may take {tier.job_hours:g} h"
