"""One version of a model: how it stands, what the gates said, its card, and where a person may move it."""

from __future__ import annotations

from collections.abc import Iterator
from getpass import getuser

from pitwall.domain.records.aliases import LEGAL
from pitwall.report.content.blocks import Facts, Text
from pitwall.web.blocks import AnyBlock, Field, Form, Later, Link, Links, More, Option, Part, Status, parts_of
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.judging import JUDGED, judge_form
from pitwall.workflows import registry
from pitwall.workflows.experiments.judged import gates_of
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.versions import listed, one

ROUTER = pages()
MINUTE_S = 60.0
WAY = "Into the place of the champion leads a deployment alone. These moves need no gates."


@page(ROUTER, "/models/{name}/{version}")
def version(ask: Ask, name: str, version: int) -> View:
    """Show one version: how it stands, what the gates said, its card, and where it may be moved."""
    found = registry.version_of(ask.workspace, listed.known(ask.workspace, name), version)
    stands = one.standing(found, ask.workspace.registry.aliases(found.model))
    gates = gates_of(ask.workspace, found)
    parts = (
        Part("", (Status(f"It is {_held(stands)}."), *_of_version(stands))),
        Part(gates.name, gates.blocks),
        *_moves(ask, stands),
        Part("Card", (Later(f"/models/{found.model}/{found.version}/card", "Its card is being read."),)),
    )
    return View(f"{found.model} version {found.version}", "", parts)


@page(ROUTER, "/models/{name}/{version}/card")
def card(ask: Ask, name: str, version: int) -> View:
    """Show the card of a version: what it is for, what it was made from, how good it is and where it fails."""
    whole = listed.known(ask.workspace, name)
    found = ask.kept(("card", whole, version), lambda: registry.card(ask.workspace, f"{whole}@{version}"), MINUTE_S)
    folded = tuple(More(part.name, part.blocks, open=place == 0) for place, part in enumerate(parts_of(found)))
    return View(f"Card of {found.title}", found.summary, (Part("", folded),))


@action(ROUTER, "/models/{name}/{version}/move")
def move(ask: Ask, name: str, version: int, form: Sent) -> Next:
    """Move a version to a stage that needs no gates."""
    found = registry.version_of(ask.workspace, listed.known(ask.workspace, name), version)
    row = registry.move(
        ask.workspace, found, form.get("to", ""), by=ask.named(form.get("by", "")), note=form.get("note", "")
    )
    now = ", ".join(row["stages"].values())
    return ask.to(f"/models/{found.model}/{version}", f"Version {version} was {row['from']} and is {now} now.")


@action(ROUTER, "/models/{name}/{version}/approve")
def approve(ask: Ask, name: str, version: int, form: Sent) -> Next:
    """Record that a person approves a version."""
    found = registry.version_of(ask.workspace, listed.known(ask.workspace, name), version)
    row = registry.approve(ask.workspace, found, by=ask.named(form.get("by", "")), note=form.get("note", ""))
    return ask.to(f"/models/{found.model}/{version}", f"{row['by']} approves version {version}.")


def _held(stands: one.Standing) -> str:
    return f"the {' and the '.join(stands.aliases)} of {stands.version.model}" if stands.aliases else stands.stage


def _of_version(stands: one.Standing) -> Iterator[AnyBlock]:
    found = stands.version
    told = {
        "algorithm": found.tags.get("estimator", ""),
        "registered": f"{moment(found.created)} UTC" if found.created else "",
        "hash of its files": found.content,
        "answers in": f"{found.tags['latency_ms']} ms" if "latency_ms" in found.tags else "",
    }
    yield Facts(tuple((name, value) for name, value in told.items() if value))
    yield Links(
        (
            Link("Run", f"/experiments/{found.run_id}", button=True),
            Link("Share", f"/models/{found.model}/{found.version}/share", button=True),
            Link("Lineage", f"/lineage/{found.model}@{found.version}", button=True),
            Link("Model", f"/models/{found.model}"),
        )
    )


def _moves(ask: Ask, stands: one.Standing) -> Iterator[Part]:
    found, who = (
        stands.version,
        (Field("by", "By", value=ask.named(getuser())), Field("note", "Why", help="kept in the history")),
    )
    here, blocks = f"/models/{found.model}/{found.version}", list[AnyBlock]()
    if "champion" in LEGAL[stands.stage] and found.tags.get("role") != "baseline":
        yield Part(
            "Deploy", (Text(JUDGED), judge_form(found.model, found.version, ask.workspace.params.promotion.approval))
        )
    if stands.may_become:
        to = Field("to", "Make it", "select", "", tuple(Option(each, each) for each in stands.may_become))
        blocks += [Text(WAY), Form(f"{here}/move", (to, *who), "Move", inline=True)]
    if ask.workspace.params.promotion.approval != "auto" and "champion" not in stands.aliases:
        blocks.append(Form(f"{here}/approve", who, "Approve", inline=True))
    if blocks:
        yield Part("Move", tuple(blocks))
