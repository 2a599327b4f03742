"""A bundle in quarantine: why it was refused, what its directory names, and what can become of it."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.domain.access.permissions import may
from pitwall.domain.access.words import LOCAL
from pitwall.report.content.blocks import Facts, Table, Text
from pitwall.web.blocks import Field, Form, Link, Links, More, Part, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.shared import megabytes
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.hub.desk import waiting
from pitwall.workflows.hub.opening.refusal import BundleRefused

ROUTER = pages()
HOW = "Nothing of it was read but its directory. It does nothing where it lies."
TELL = (
    "Ask its owner, in another way than the one by which the bundle came, for the id of their key. "
    "If it is the one by which this was signed, the key is trusted from now on, and the bundle is verified to its end."
)
NOT_YOURS = "An admin decides whose keys are trusted, and throws away what was refused."


@page(ROUTER, "/quarantine/{bundle}")
def quarantined(ask: Ask, bundle: str) -> View:
    """Show why a bundle was refused, what is in it by its directory, and what can become of it."""
    found = waiting.one(ask.project, bundle)
    refused = Status(f"Refused ({found.reason}): {found.meaning}.", "bad")
    told = {
        "file": found.file,
        "found": found.detail,
        "when": f"{moment(found.at)} UTC",
        "size": megabytes(found.size),
        "sha256": found.hash,
    }
    parts = (
        Part("", (refused, Facts(tuple(told.items())), Links((Link("Shared models", "/hub"),)))),
        *_decisions(ask, found),
        *_named(ask, found),
    )
    return View(found.file, HOW, parts)


@action(ROUTER, "/quarantine/{bundle}/trust")
def take(ask: Ask, bundle: str, form: Sent) -> Next:
    """Trust the key of this id if it is the signer's, and take the bundle."""
    try:
        found = waiting.take(ask.workspace, bundle, form.get("key", "").strip().lower(), by=ask.owner)
    except BundleRefused as refusal:
        return ask.to(f"/quarantine/{bundle}", f"It is still refused ({refusal.reason}).")
    return ask.to(f"/hub/{found.about.name}", "Its signer is trusted, and it was verified.", bundle=found.hash)


@action(ROUTER, "/quarantine/{bundle}/remove")
def remove(ask: Ask, bundle: str, form: Sent) -> Next:
    """Throw a bundle away."""
    waiting.throw_away(ask.project, bundle)
    return ask.to("/hub", "It is gone.")


def _decisions(ask: Ask, found: waiting.Waiting) -> Iterator[Part]:
    if not may(ask.owner, "administer", LOCAL):
        yield Part("What can become of it", (Text(NOT_YOURS),))
        return
    here = f"/quarantine/{found.hash}"
    if found.reason == "unknown_signer":
        key = Field("key", "The id of the key, as its owner has told it")
        yield Part("Trust its signer", (Text(TELL), Form(f"{here}/trust", (key,), "Trust and verify")))
    yield Part("Throw it away", (Form(f"{here}/remove", (), "Throw away", confirm="It is deleted with its reason."),))


def _named(ask: Ask, found: waiting.Waiting) -> Iterator[Part]:
    rows = tuple((name, f"{size:,}") for name, size in waiting.listed(ask.project, found.hash))
    if rows:
        table = Table(("file", "bytes"), rows, ("bytes",))
        yield Part("What its directory names", (More(f"{len(rows)} files", (table,)),))
