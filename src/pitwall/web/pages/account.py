"""Who one is: role, tier, use of today, sessions; another password; and the way out with all that is one's own."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.domain.access.permissions import MEMBER
from pitwall.domain.clock import wall
from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Facts, Text
from pitwall.web.blocks import AnyBlock, Field, Part
from pitwall.web.blocks import Form as FormBlock
from pitwall.web.paging import Ask, Form, Next, View, action, page, pages
from pitwall.workflows.people import accounts, entering

ROUTER = pages()
NOT_HERE = (
    "Nobody has to log in here: pages are for whoever sits at this machine, who is the owner local. "
    "With accounts: required in the section serving of settings.local.yaml they ask for a login."
)
SURE = "My account and all that is mine are deleted; what others have forked stays, and says so."


@page(ROUTER, "/account")
def account(ask: Ask) -> View:
    """Show who one is."""
    told = {"name": ask.owner.name, "role": ask.owner.role, "tier": ask.owner.tier}
    if not ask.accounts:
        return View("Account", NOT_HERE, (Part("", (Facts(tuple(told.items())),)),))
    told["requests to the API today"] = str(ask.workspace.accounts.used(ask.owner.name, wall().date()))
    parts = (
        Part("", (Facts(tuple(told.items())),)),
        Part("Sessions", tuple(_sessions(ask))),
        Part("Password", (_password(),)),
        Part("Delete the account", (_delete(),)),
    )
    return View("Account", "Times are UTC.", parts)


@action(ROUTER, "/account/end", by=MEMBER)
def end(ask: Ask, form: Form) -> Next:
    """End a session of one's own."""
    ended = ask.workspace.people.end(ask.owner.name, form.get("which", ""))
    return ask.to("/account", "The session has ended." if ended else "That session had ended already.")


@action(ROUTER, "/account/password", by=MEMBER)
def change(ask: Ask, form: Form) -> Next:
    """Exchange the password; the present session goes on under another id, all others end."""
    _see_accounts(ask)
    new = form.get("new", "")
    if new != form.get("again", ""):
        raise UsageError("the new password was not typed twice alike; nothing was changed.")
    text = accounts.change_password(ask.workspace, ask.owner.name, form.get("password", ""), new)
    return Next("/account", "The password is another one; your other sessions have ended.", session=text)


@action(ROUTER, "/account/delete", by=MEMBER)
def delete(ask: Ask, form: Form) -> Next:
    """Delete the account with all that is one's own."""
    _see_accounts(ask)
    if form.get("typed", "") != ask.owner.name:
        raise UsageError("another name was typed; nothing was deleted.")
    entering.prove(ask.workspace, ask.owner.name, form.get("proof", ""))
    said = accounts.delete(ask.workspace, ask.owner.name)
    return Next("/login", " ".join(said), session="")


def _see_accounts(ask: Ask) -> None:
    if ask.session is None:
        raise UsageError(NOT_HERE)


def _sessions(ask: Ask) -> Iterator[AnyBlock]:
    for each in ask.workspace.people.sessions(ask.owner.name):
        since = (
            f"since {each.created:%Y-%m-%d %H:%M}, last used {each.seen:%H:%M}, ends by {each.expires:%Y-%m-%d %H:%M}"
        )
        if ask.session and each.id == ask.session.id:
            yield Text(f"This one: {since}.")
        else:
            which = Field("which", "", "hidden", each.id)
            yield Text(f"Another one: {since}.")
            yield FormBlock(
                "/account/end", (which,), f"End the session of {each.created:%Y-%m-%d %H:%M:%S}", inline=True
            )


def _password() -> FormBlock:
    fields = (
        Field("password", "Present password", "password"),
        Field("new", "New password", "password", help="at least 12 characters"),
        Field("again", "New password once more", "password"),
    )
    return FormBlock("/account/password", fields, "Change the password")


def _delete() -> FormBlock:
    fields = (Field("typed", "Your name, typed"), Field("proof", "Password", "password"))
    return FormBlock("/account/delete", fields, "Delete the account", confirm=SURE)
