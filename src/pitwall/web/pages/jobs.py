"""Jobs: trainings, deployments, judgements and repetitions that were started here, each in its true state, with progress, log, cancel and what came of it."""

from __future__ import annotations

from pitwall.domain.access.permissions import MEMBER, may, see_allowed
from pitwall.domain.errors import UsageError
from pitwall.web.blocks import Link, Links, LinkTable, Part, Status
from pitwall.web.paging import Ask, Form, Next, View, action, page, pages
from pitwall.web.wizard.job import job_parts
from pitwall.workflows.jobs import shares, starting
from pitwall.workflows.orders.order import read

ROUTER = pages()
COLUMNS = ("what", "whose", "started", "state", "took", "")


@page(ROUTER, "/jobs", menu="Jobs", order=45)
def jobs(ask: Ask) -> View:
    """List what was started here: trainings, deployments, judgements and repetitions."""
    there = [each for each in starting.jobs(ask.workspace) if may(ask.owner, "read", each.note.owner)]
    if not there:
        empty = (Status("Nothing was started yet."), Links((Link("New model", "/new", button=True),)))
        return View("Jobs", "", (Part("", empty),))
    rows = tuple(
        (
            Link(each.note.what, f"/jobs/{each.id}"),
            each.note.owner,
            each.note.at,
            each.state,
            f"{each.seconds:.0f} s",
            each.why,
        )
        for each in there
    )
    return View("Jobs", "What was started here, the newest first.", (Part("", (LinkTable(COLUMNS, rows, ("took",)),)),))


@page(ROUTER, "/jobs/{number}")
def job(ask: Ask, number: str) -> View:
    """Show how a job stands."""
    found = starting.job(ask.workspace, number)
    see_allowed(ask.owner, "read", found.note.owner)
    return View(found.note.what, f"Started {found.note.at}.", job_parts(found, ask.workspace.params.promotion.approval))


@action(ROUTER, "/jobs/start", by=MEMBER)
def start(ask: Ask, form: Form) -> Next:
    """Start a training."""
    began = starting.start(ask.workspace, read(form.get("order", "")), form.get("key", ""), ask.owner.name)
    return ask.to(f"/jobs/{began.id}")


@action(ROUTER, "/jobs/deploy", by=MEMBER)
def deploy(ask: Ask, form: Form) -> Next:
    """Deploy a draft under a name."""
    draft, name = form.get("draft", ""), form.get("name", "").strip()
    see_allowed(ask.owner, "deploy", starting.owner_of_draft(ask.workspace, draft, ask.owner.name))
    see_allowed(ask.owner, "deploy", shares.owner_of_model(ask.workspace, _registered(draft, name), ask.owner.name))
    began = starting.deploy(ask.workspace, draft, name, *_approval(ask, form), ask.owner.name)
    return ask.to(f"/jobs/{began.id}")


@action(ROUTER, "/jobs/judge", by=MEMBER)
def judge(ask: Ask, form: Form) -> Next:
    """Let every gate judge a version that is registered."""
    version = form.get("version", "")
    if not version.isdecimal():
        raise UsageError(f"a version is a number; found {version!r}.")
    model = form.get("model", "")
    see_allowed(ask.owner, "deploy", shares.owner_of_model(ask.workspace, model))
    began = starting.judge(ask.workspace, model, int(version), *_approval(ask, form), ask.owner.name)
    return ask.to(f"/jobs/{began.id}")


@action(ROUTER, "/jobs/{number}/cancel", by=MEMBER)
def cancel(ask: Ask, number: str, form: Form) -> Next:
    """End a job."""
    see_allowed(ask.owner, "cancel", starting.job(ask.workspace, number).note.owner)
    found = starting.cancel(ask.workspace, number)
    return ask.to(f"/jobs/{number}", said=f"{found.note.what}: {found.state}")


def _registered(draft: str, name: str) -> str:
    """Return what a draft would be registered as under a name: both end with the stage."""
    return f"{name}-{draft.rpartition('-')[2]}"


def _approval(ask: Ask, form: Form) -> tuple[list[str], str, str]:
    """Return who approves, why, and what tells this form from others."""
    names = {ask.named(each.strip()) for each in form.get("approve", "").split(",") if each.strip()}
    return sorted(names), form.get("note", ""), form.get("key", "")
