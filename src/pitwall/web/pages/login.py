"""Logging in and out, where pages ask for it."""

from __future__ import annotations

from pitwall.domain.access.people import HasToWait, NotEntered
from pitwall.domain.access.permissions import MEMBER
from pitwall.web.blocks import Field, Part, Status
from pitwall.web.blocks import Form as FormBlock
from pitwall.web.entry import own_path
from pitwall.web.paging import Ask, Form, Next, View, action, page, pages
from pitwall.web.session import SESSION
from pitwall.workflows.people import entering

ROUTER = pages()


@page(ROUTER, "/login", anybody=True)
def login(ask: Ask) -> View | Next:
    """Ask for a name and a password."""
    following = own_path(ask.query.get("next", "/"))
    if not ask.accounts or ask.session:
        return ask.to(following)
    return _form(following)


@action(ROUTER, "/login", by=MEMBER, anybody=True)
def enter(ask: Ask, form: Form) -> View | Next:
    """Begin a session."""
    following = own_path(form.get("next", "/"))
    if not ask.accounts:
        return ask.to(following)
    name, password = form.get("username", "").strip(), form.get("password", "")
    try:
        text = entering.enter(ask.workspace, name, password, before=ask.request.cookies.get(SESSION, ""))
    except NotEntered as error:
        return _form(following, str(error), 401)
    except HasToWait as error:
        return _form(following, str(error), 429)
    return Next(following, session=text)


@action(ROUTER, "/logout", by=MEMBER)
def leave(ask: Ask, form: Form) -> Next:
    """End the session, here and in the browser."""
    entering.leave(ask.workspace, ask.request.cookies.get(SESSION, ""))
    return Next("/login" if ask.accounts else "/", "You are logged out." if ask.accounts else "", session="")


def _form(following: str, wrong: str = "", status: int = 200) -> View:
    fields = (
        Field("username", "Name"),
        Field("password", "Password", "password"),
        Field("next", "", "hidden", following),
    )
    told = (Status(wrong, "bad"),) if wrong else ()
    return View("Log in", "", (Part("", (*told, FormBlock("/login", fields, "Log in"))),), status=status)
