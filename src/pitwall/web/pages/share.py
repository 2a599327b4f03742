"""Share a version: what will be in its bundle, by whose key it is signed, and under which name it stands then."""

from __future__ import annotations

from pitwall.domain.access.permissions import MEMBER, may, see_allowed
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import ModelVersion
from pitwall.report.content.blocks import Table, Text
from pitwall.web.blocks import AnyBlock, Field, Form, Later, Link, Links, Part, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.workflows import registry
from pitwall.workflows.hub import publishing
from pitwall.workflows.hub.desk import sharing
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.trust import held_key
from pitwall.workflows.jobs import shares
from pitwall.workflows.versions import listed

ROUTER = pages()
MINUTE_S = 60.0
HOW = (
    "Everybody who may look at these pages sees it then, and can download its bundle: the model as data, its recipe, the manifest of its run, "
    "its card, its scores, and what it says of a few rows. What somebody has downloaded cannot be taken back."
)
NO_KEY = "You have no key yet. It is made when you share: its private half stays on this machine, readable by its user alone."
CONSENT = "Make a key for me, and sign with it"
NOT_YOURS = "Only its owner and an admin may share it."


@page(ROUTER, "/models/{name}/{version}/share")
def share(ask: Ask, name: str, version: int) -> View:
    """Show what would be shared, and ask for a name."""
    found = _found(ask, name, version)
    here = f"/models/{found.model}/{found.version}/share"
    allowed = may(ask.owner, "publish", shares.owner_of_model(ask.workspace, found.model))
    parts = (
        Part("", (Text(HOW), Links((Link("Back", f"/models/{found.model}/{found.version}"),)))),
        Part("Share it", _form(ask, found, here) if allowed else (Status(NOT_YOURS, "bad"),)),
        Part("What will be in it", (Later(f"{here}/files", "Its files are being counted."),)),
    )
    return View(f"Share {found.model} version {found.version}", "", parts)


@page(ROUTER, "/models/{name}/{version}/share/files")
def files(ask: Ask, name: str, version: int) -> View:
    """Show which files a bundle of a version would hold, and whether others would take it."""
    found = _found(ask, name, version)
    block = ask.kept(("bundle", found.model, version), lambda: _files(ask, found), MINUTE_S)
    return View(f"Bundle of {found.model} version {found.version}", "", (Part("", block),))


@action(ROUTER, "/models/{name}/{version}/share", by=MEMBER)
def publish(ask: Ask, name: str, version: int, form: Sent) -> Next:
    """Sign a bundle of a version and put it on the shelf."""
    see_allowed(ask.owner, "publish", shares.owner_of_model(ask.workspace, name))
    found = _found(ask, name, version)
    see_allowed(ask.owner, "publish", shares.owner_of_model(ask.workspace, found.model))
    if not held_key(ask.project, ask.owner.name) and form.get("key") != "yes":
        raise UsageError(f"you have no key to sign with; tick {CONSENT!r} and share again. Nothing was made.")
    made = sharing.share(ask.workspace, found, form.get("name", "").strip(), by=ask.owner)
    return ask.to(f"/hub/{made.about.name}", f"It is shared, signed by {made.about.key}.", bundle=made.hash)


def _found(ask: Ask, name: str, version: int) -> ModelVersion:
    return registry.version_of(ask.workspace, listed.known(ask.workspace, name), version)


def _form(ask: Ask, found: ModelVersion, here: str) -> tuple[AnyBlock, ...]:
    key = held_key(ask.project, ask.owner.name)
    name = Field("name", "Name", value=found.model, help="2 to 60 small letters, digits, - and _.")
    consent = () if key else (Field("key", CONSENT, "checkbox"),)
    said = f"It is signed with your key {key}." if key else NO_KEY
    return (Text(said), Form(here, (name, *consent), "Share"))


def _files(ask: Ask, found: ModelVersion) -> tuple[AnyBlock, ...]:
    content = publishing.bundle_files(ask.workspace, found)
    rows = tuple((name, f"{len(each):,}") for name, each in sorted(content.items()))
    table = Table(("file", "bytes"), rows, ("bytes",))
    try:
        publishing.see_fit(content)
    except BundleRefused as refusal:
        return (Status(f"It cannot be shared: {refusal}", "bad"), table)
    return (Status("No code, no pickle, nothing that those who receive it would refuse.", "good"), table)
