"""Shared models: what there is, who is trusted, and what was refused; a bundle that somebody has sent is brought here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from pitwall.domain.access.permissions import MEMBER, may
from pitwall.domain.access.words import LOCAL
from pitwall.domain.errors import QuotaExceeded
from pitwall.domain.refs import file_sha256
from pitwall.report.content.blocks import Text
from pitwall.web.blocks import AnyBlock, Field, Form, Link, LinkTable, More, Part, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.web.parts.shared import SHORT, headline, megabytes, stars
from pitwall.web.uploads import upload
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.hub import market, trust
from pitwall.workflows.hub.desk import waiting
from pitwall.workflows.hub.form import MB, MOST_BYTES
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.standing import Standing
from pitwall.workflows.jobs import shares

ROUTER = pages()
COLUMNS = (
    "name",
    "version",
    "answers",
    "owner",
    "signed by",
    "reached",
    "gain over the rule to beat",
    "rating",
    "downloads",
)
TOP = ("", "name", "version", "owner", "this week", "rating")
RATED = (
    "Downloads of the last seven days, ties by rating. A rating is drawn towards the mean of all where few have rated."
)
REFUSED = ("file", "refused because of", "what that means", "when", "size")
HOW = "Signed bundles: a model as data, its card, its scores. Nothing of one is read before its signature holds."
BRING = (
    "It goes into quarantine and is verified there: its directory, its signature, its files, and that its model can be loaded. "
    "Without a script: `pitwall hub download FILE`."
)
TRUSTING = "Whoever has the private half of a key that is trusted here can put models on this page. A name proves nothing, a key does."
NOTHING = "Nobody has shared a model yet: a version of a model has a button to share it, and bundles of others are brought below."


@page(ROUTER, "/hub", menu="Shared", order=55)
def hub(ask: Ask) -> View:
    """List the shared models, who is trusted, and what was refused."""
    found = market.standings(ask.workspace, by=ask.owner)
    parts = (
        *_top(found),
        Part("Models", tuple(_models(ask, found))),
        Part("Bring a bundle", (Text(BRING), _bring(ask))),
        Part("Who is trusted", tuple(_trusted(ask))),
        Part("Quarantine", tuple(_quarantine(ask))),
    )
    return View("Shared models", HOW, parts)


@upload(ROUTER, "/hub/bring", most=MOST_BYTES, by=MEMBER)
def bring(ask: Ask, sent: Path) -> Next:
    """Take a bundle, or leave it in quarantine with the reason."""
    waiting.see_room(ask.project)
    _see_size(ask, sent.stat().st_size)
    try:
        found = market.download(ask.workspace, sent, by=ask.owner)
    except BundleRefused:
        return ask.to(f"/quarantine/{file_sha256(sent)}")
    return ask.to(f"/hub/{found.about.name}", bundle=found.hash)


@action(ROUTER, "/hub/trust")
def trust_key(ask: Ask, form: Sent) -> Next:
    """Trust whoever has the private half of a key."""
    with tempfile.TemporaryDirectory(prefix="pitwall-key-") as made:
        file = Path(made) / "key.pem"
        file.write_text(form.get("pem", "").replace("\r\n", "\n"), encoding="utf-8")
        key = trust.trust(ask.project, file)
    return ask.to("/hub", f"The key {key} is trusted.")


@action(ROUTER, "/hub/distrust")
def distrust_key(ask: Ask, form: Sent) -> Next:
    """Trust a key no more."""
    key = form.get("key", "")
    trust.distrust(ask.project, key)
    return ask.to("/hub", f"The key {key} is trusted no more.")


def _top(found: list[Standing]) -> Iterator[Part]:
    first = [each for each in found if each.this_week][: market.TOP]
    rows = tuple(
        (
            str(place),
            _link(each),
            str(each.bundle.about.version),
            each.bundle.about.owner,
            str(each.this_week),
            stars(each),
        )
        for place, each in enumerate(first, start=1)
    )
    if rows:
        yield Part("Top models this week", (Text(RATED), LinkTable(TOP, rows, ("", "version", "this week"))))


def _models(ask: Ask, found: list[Standing]) -> Iterator[AnyBlock]:
    there = sorted(found, key=lambda each: (each.bundle.about.name, -each.bundle.about.version, each.bundle.hash))
    if there:
        yield LinkTable(COLUMNS, tuple(_line(ask, each) for each in there), ("version", "downloads"))
    else:
        yield Status(NOTHING)


def _link(each: Standing) -> Link:
    return Link(each.bundle.about.name, f"/hub/{each.bundle.about.name}?bundle={each.bundle.hash}")


def _line(ask: Ask, each: Standing) -> tuple[str | Link, ...]:
    about = each.bundle.about
    return (
        _link(each),
        str(about.version),
        ", ".join(about.templates),
        about.owner,
        trust.owner_of_key(ask.project, about.key) or about.key[:SHORT],
        *headline(each.bundle),
        stars(each),
        str(each.downloads),
    )


def _bring(ask: Ask) -> Form:
    most = f"At most {_most_mb(ask):g} MB."
    return Form("/hub/bring", (Field("bundle", "A bundle (.pitwall.zip)", "file", help=most),), "Verify it")


def _most_mb(ask: Ask) -> float:
    limit = shares.limit_of(ask.workspace, ask.owner.name).megabytes
    return MOST_BYTES / MB if limit is None else min(limit, MOST_BYTES / MB)


def _see_size(ask: Ask, size: int) -> None:
    if size > (most := _most_mb(ask)) * MB:
        tier = ask.owner.tier
        raise QuotaExceeded(
            f"a bundle of {size / MB:.1f} MB", f"at most {most:g} MB in the tier {tier}", "bring a smaller one"
        )


def _trusted(ask: Ask) -> Iterator[AnyBlock]:
    yield Text(TRUSTING)
    own = trust.held_key(ask.project, ask.owner.name)
    yield Text(own or "None yet; it is made when you share a model for the first time.", "Your own key")
    found, decides = trust.trusted(ask.project), may(ask.owner, "administer", LOCAL)
    for key in found:
        yield Text(key, "Trusted")
        if decides:
            yield Form("/hub/distrust", (Field("key", "", "hidden", key),), f"Trust {key[:SHORT]} no more", inline=True)
    if not found:
        yield Text("No key but those of the owners here.")
    if decides:
        pem = Field(
            "pem",
            "A public key (.pem)",
            "file_text",
            help="The file that pitwall hub key names where the key was made.",
        )
        yield More("Trust another key", (Form("/hub/trust", (pem,), "Trust it"),))


def _quarantine(ask: Ask) -> Iterator[AnyBlock]:
    rows = tuple(
        (Link(each.file, f"/quarantine/{each.hash}"), each.reason, each.meaning, moment(each.at), megabytes(each.size))
        for each in waiting.waiting(ask.project)
    )
    yield LinkTable(REFUSED, rows, REFUSED[4:]) if rows else Text("Nothing was refused.")
