"""One shared model: whose it is, what it reached, what it says of a few rows, its card; rated, verified again, forked, or taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from pitwall.domain.access.permissions import MEMBER, may
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.report.content.blocks import Facts, Table, Text
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Link, Links, LinkTable, More, Option, Part, Status
from pitwall.web.paging import Ask, File, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.shared import SHORT, card_block, facts, headline, sample_block, scores_table, signature, stars
from pitwall.web.wizard.choices import address
from pitwall.workflows.hub import forking, market, shelf, withdrawing
from pitwall.workflows.hub.desk import sharing
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.hub.standing import MOST_STARS, Standing
from pitwall.workflows.hub.trust import owner_of_key
from pitwall.workflows.jobs import starting
from pitwall.workflows.orders.order import written

ROUTER = pages()
VERSIONS = ("version", "bundle", "owner", "signed by", "reached", "gain over the rule to beat")
CLAIMED = "As its owner measured them, and signed: the signature proves who says so, not that it is so."
SAMPLE = "The rows that it was registered with, by the ids of the data that it was made from."
AGAIN = "Verify once more"
TRAIN_AGAIN = "Train it again"
OWN = "It is signed with your own key; nobody rates a model of their own."
WITHDRAWN = "It goes from this page with its downloads, ratings and badge. Who has taken it elsewhere keeps it, and so does who has forked it."
FORKED = "A fork is a new order of the same kind, on the data that are here. It says where it comes from; nothing is trained yet."


@page(ROUTER, "/hub/{name}")
def shared(ask: Ask, name: str, bundle: str = "") -> View:
    """Show a shared model: its newest version, or the one of a bundle."""
    there = _versions_of(ask, name)
    found = _chosen(there, bundle)
    seen = shelf.preview(found)
    stands = next(each for each in market.standings(ask.workspace, by=ask.owner) if each.bundle.hash == found.hash)
    parts = (
        Part("", (signature(ask.project, found.about.key), facts(found), *_origin(ask, found), *_forms(found))),
        Part("What people think of it", tuple(_rating(stands))),
        Part("What it reached", (Text(CLAIMED), scores_table(found))),
        Part("What it says of a few rows", (Text(SAMPLE), sample_block(seen.sample))),
        Part("Card", (card_block(seen.card),)),
        Part("Versions", (_versions(there),)),
        Part("What is in it", (_files(found),)),
        *_withdrawal(ask, found),
    )
    return View(name, f"Version {found.about.version}, of {found.about.owner}.", parts)


@action(ROUTER, "/hub/{name}/download", by=MEMBER)
def download(ask: Ask, name: str, form: Sent) -> File:
    """Give a bundle as the file that was signed."""
    found = _sent(ask, name, form)
    file = sharing.given(ask.workspace, found, by=ask.owner)
    return File(f"{found.about.name}-{found.about.version}.pitwall.zip", file, "application/zip")


@action(ROUTER, "/hub/{name}/rate", by=MEMBER)
def rate(ask: Ask, name: str, form: Sent) -> Next:
    """Keep what somebody thinks of a version, in the place of what they thought before."""
    found, given = _sent(ask, name, form), form.get("stars", "")
    stands = market.rate(ask.workspace, found, int(given) if given.isdecimal() else 0, by=ask.owner)
    return ask.to(f"/hub/{found.about.name}", f"Your rating is kept: {stands.mine} of {MOST_STARS}.", bundle=found.hash)


@page(ROUTER, "/hub/{name}/fork")
def fork(ask: Ask, name: str, bundle: str = "") -> View:
    """Show the order that a fork would begin with, and lead to the wizard with it."""
    found = _chosen(_versions_of(ask, name), bundle)
    back = Link("Back", f"/hub/{found.about.name}?bundle={found.hash}")
    try:
        made = forking.fork(found)
    except UsageError as error:
        refused = Status(f"It cannot be forked here: {error}", "bad")
        return View(f"Fork {name}", "", (Part("", (Text(FORKED), refused, Links((back,)))),))
    left = tuple(Text(f"Not taken over: {each}") for each in made.left)
    onward = Links((Link("Next: data", address("data", made.order), button=True), back))
    said = Status(f"It asks for {made.order.question} at {made.order.stage}, by {made.order.algorithm}.", "good")
    parts = (
        Part("", (Text(FORKED), said, *left, onward)),
        Part("The order", (Code(written(made.order), "As a file", "order.yaml"),)),
    )
    return View(f"Fork {name}", f"From version {found.about.version}, of {found.about.owner}.", parts)


@action(ROUTER, "/hub/{name}/verify", by=MEMBER)
def verify(ask: Ask, name: str, form: Sent) -> Next:
    """Verify a bundle once more, from its zip to its model."""
    found = shelf.verify_again(ask.project, _sent(ask, name, form))
    said = "It was verified once more: directory, signature, files, and that its model can be loaded."
    return ask.to(f"/hub/{found.about.name}", said, bundle=found.hash)


@action(ROUTER, "/hub/{name}/again", by=MEMBER)
def train_again(ask: Ask, name: str, form: Sent) -> Next:
    """Let a worker train the model of a bundle again: what comes out is its badge."""
    found = _sent(ask, name, form)
    began = starting.train_again(ask.workspace, found, form.get("key", ""), ask.owner.name)
    return ask.to(f"/jobs/{began.id}")


@action(ROUTER, "/hub/{name}/withdraw", by=MEMBER)
def withdraw(ask: Ask, name: str, form: Sent) -> Next:
    """Share a bundle no more."""
    found = _sent(ask, name, form)
    withdrawing.withdraw(ask.workspace, found, by=ask.owner)
    return ask.to("/hub", f"{found.about.name} version {found.about.version} is shared no more.")


def _sent(ask: Ask, name: str, form: Sent) -> Received:
    return _chosen(_versions_of(ask, name), form.get("bundle", ""))


def _versions_of(ask: Ask, name: str) -> list[Received]:
    if found := shelf.versions(ask.project, name):
        return found
    raise UnknownName("shared model", name[:80], sorted({each.about.name for each in shelf.taken(ask.project)}))


def _chosen(there: list[Received], bundle: str) -> Received:
    """Return the bundle of a hash, or the newest where none is asked for."""
    if not bundle:
        return there[0]
    for each in there:
        if each.hash == bundle:
            return each
    raise UnknownName("bundle", bundle[:80], [each.hash for each in there])


def _forms(found: Received) -> tuple[AnyBlock, ...]:
    here, which = f"/hub/{found.about.name}", (Field("bundle", "", "hidden", found.hash),)
    return (
        Form(f"{here}/download", which, "Download", inline=True),
        Form(f"{here}/verify", which, AGAIN, inline=True),
        Form(f"{here}/again", (*which, Field("key", "", "hidden", uuid4().hex)), TRAIN_AGAIN, inline=True),
        Links((Link("Fork", f"{here}/fork?bundle={found.hash}", button=True),)),
    )


def _origin(ask: Ask, found: Received) -> Iterator[AnyBlock]:
    """Yield where a fork comes from."""
    if first := market.origin(ask.workspace, found):
        yield Text(first, "Forked from")


def _withdrawal(ask: Ask, found: Received) -> Iterator[Part]:
    if not may(ask.owner, "delete", owner_of_key(ask.project, found.about.key)):
        return
    which = Field("bundle", "", "hidden", found.hash)
    form = Form(f"/hub/{found.about.name}/withdraw", (which,), "Share it no more", confirm=WITHDRAWN)
    yield Part("Withdraw", (form,))


def _rating(stands: Standing) -> Iterator[AnyBlock]:
    counts = [("rating", stars(stands)), ("downloads", f"{stands.downloads}, {stands.this_week} of them this week")]
    if stands.badge:
        counts.append(("trained again here", stands.badge.text))
    yield Facts(tuple(counts))
    if stands.own:
        yield Text(OWN)
        return
    options = tuple(Option(str(each), str(each)) for each in range(1, MOST_STARS + 1))
    choice = Field("stars", f"Your rating, of {MOST_STARS}", "select", str(stands.mine or MOST_STARS), options)
    which = Field("bundle", "", "hidden", stands.bundle.hash)
    again = "Rate again" if stands.mine else "Rate"
    yield Form(f"/hub/{stands.bundle.about.name}/rate", (which, choice), again, inline=True)


def _versions(there: list[Received]) -> LinkTable:
    rows = tuple(
        (
            str(each.about.version),
            Link(each.hash[:SHORT], f"/hub/{each.about.name}?bundle={each.hash}"),
            each.about.owner,
            each.about.key[:SHORT],
            *headline(each),
        )
        for each in there
    )
    return LinkTable(VERSIONS, rows, VERSIONS[:1])


def _files(found: Received) -> More:
    listed = sorted(found.about.files.items())
    rows = tuple((name, f"{each.size:,}", each.sha256[:SHORT]) for name, each in listed)
    return More(f"{len(rows)} files, all signed", (Table(("file", "bytes", "sha256"), rows, ("bytes",)),))
