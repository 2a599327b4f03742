"""A job on its page: how it stands, its steps, its log, and at its end what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.domain.refs import Verdict
from pitwall.report.content.blocks import Table
from pitwall.report.content.verdicts import reason_table, verdict_table
from pitwall.web.blocks import Again, AnyBlock, Code, Form, Link, Links, More, Part, Status
from pitwall.web.parts.judging import deploy_form
from pitwall.web.wizard.choices import address
from pitwall.workflows.jobs.job import Job

EVERY_S = 1.0
SAME = ("bit-equal", "within tolerance")
MOODS: Mapping[str, Any] = {"ended": "good", "failed": "bad", "died": "bad", "over its time": "bad"}
WORDS = {
    "waiting": "It waits",
    "starting": "Its process starts",
    "running": "It is at work",
    "cancelling": "It is told to end",
    "cancelled": "It was cancelled",
    "failed": "It failed",
    "ended": "It is done",
    "died": "It died",
    "over its time": "It took too long",
    "unknown": "Nobody knows how it stands",
}


def job_parts(job: Job, approval: str) -> tuple[Part, ...]:
    """Return the page.

    Args:
        job: as it stands.
        approval: policy of the project's promotions.
    """
    standing: tuple[AnyBlock, ...] = (_status(job), *_steps(job), *_log(job))
    if job.open:
        again = Again("job", EVERY_S, standing)
        return (Part("", (again, Form(f"/jobs/{job.id}/cancel", (), "Cancel"))), *_about(job))
    return (Part("", (*_next(job, approval), *standing)), *_verdicts(job), *_about(job))


def _status(job: Job) -> Status:
    why = f": {job.why}" if job.why else ""
    took = f" after {job.seconds:.0f} s" if job.seconds else ""
    done = sum(step.state == "done" for step in job.steps)
    of = f", {done} of {len(job.steps)} steps done" if job.open and job.steps else ""
    return Status(f"{WORDS[job.state]}{took}{of}{why}.", MOODS.get(job.state, ""))


def _steps(job: Job) -> tuple[AnyBlock, ...]:
    rows = tuple(
        (each.name, each.meaning, each.state, f"{each.seconds:.1f}" if each.seconds else "") for each in job.steps
    )
    return (Table(("step", "what it makes", "state", "seconds"), rows, ("seconds",)),) if rows else ()


def _log(job: Job) -> tuple[AnyBlock, ...]:
    return (More("Log", (Code("\n".join(job.log), "The last lines"),)),) if job.log else ()


def _next(job: Job, approval: str) -> tuple[AnyBlock, ...]:
    """Return what to do once it has ended."""
    order = job.order
    if job.state == "ended" and job.note.flow == "order":
        return (_deploy(job, approval), Links((Link("Its experiment", f"/experiments/{job.result['run_id']}"),)))
    if job.state == "ended":
        return _repeated(job) if job.note.flow == "verify" else _decided(job)
    if order is not None:
        return (Links((Link("Order it again", address("training", order), button=True),)),)
    return ()


def _decided(job: Job) -> tuple[AnyBlock, ...]:
    """Return what became of a deployment or a judgement; where a gate refused, the rule that it could not beat answers under its name."""
    model, outcome = str(job.result["model"]), str(job.result["outcome"])
    promoted = bool(job.result["promoted"])
    said = Status(
        outcome if promoted else f"A gate refused it, and it stays a candidate. {outcome}",
        "good" if promoted else "bad",
    )
    label = "See its forecast" if promoted else "See what answers under its name"
    return (said, Links((Link(label, f"/?model={model}", button=True), Link("The model", f"/models/{model}"))))


def _repeated(job: Job) -> tuple[AnyBlock, ...]:
    """Return the badge that a shared model got."""
    name, bundle, outcome = (str(job.result[each]) for each in ("name", "bundle", "outcome"))
    said = Status(f"{outcome}: {job.result['said']}", "good" if outcome in SAME else "bad")
    return (said, Links((Link("The shared model", f"/hub/{name}?bundle={bundle}", button=True),)))


def _deploy(job: Job, approval: str) -> Form:
    order = job.order
    name = (order.name or f"my_{order.question.replace('.', '_')}") if order else ""
    return deploy_form(str(job.result["draft"]), name, approval)


def _verdicts(job: Job) -> tuple[Part, ...]:
    rows = [Verdict(**row) for row in job.result.get("verdicts", ())]
    if not rows:
        return ()
    told = "What the gates will ask" if job.note.flow == "order" else "What the gates said"
    return (Part(told, (verdict_table(rows), More("Reasons", (reason_table(rows),)))),)


def _about(job: Job) -> tuple[Part, ...]:
    order = job.note.parameters.get("order")
    return (Part("What was ordered", (Code(str(order), "The order", "order.yaml"),)),) if order else ()
