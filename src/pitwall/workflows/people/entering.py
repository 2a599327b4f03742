"""Who logs in: a name and a password become a session, and a session says who asks until it ends."""

from __future__ import annotations

from pitwall.adapters.accounts.people import passwords
from pitwall.domain.access.people import HasToWait, NotEntered, Session
from pitwall.workflows.workspace import Workspace


def enter(workspace: Workspace, name: str, password: str, before: str = "") -> str:
    """Begin a session and return what the browser sends from now on; it is always another one than before.

    Args:
        workspace: of the project.
        name: of the account.
        password: that was given.
        before: what the browser sent until now; that session ends.

    Raises:
        NotEntered: the name or the password is wrong.
        HasToWait: there were too many wrong passwords of this name, whoever's it is.
    """
    prove(workspace, name, password)
    leave(workspace, before)
    return workspace.people.begin(name)


def prove(workspace: Workspace, name: str, password: str) -> None:
    """Let somebody go on whose password is right; a hash with yesterday's parameters is made again.

    Args:
        workspace: of the project.
        name: of the account.
        password: that was given.

    Raises:
        NotEntered: the name or the password is wrong.
        HasToWait: there were too many wrong passwords of this name, whoever's it is.
    """
    people = workspace.people
    if wait := people.attempt(name):
        raise HasToWait(wait)
    found = passwords.compared(password, people.kept(name))
    if found == "wrong":
        raise NotEntered
    if found == "right, but old":
        people.keep(name, passwords.hashed(password), rehashed=True)
    people.succeeded(name)


def who(workspace: Workspace, text: str) -> Session | None:
    """Return the session of what a browser sent; None where it sent none that still holds."""
    return workspace.people.session(text) if text else None


def leave(workspace: Workspace, text: str) -> None:
    """End the session of what a browser sent, if it is one."""
    if (found := who(workspace, text)) is not None:
        workspace.people.end(found.owner.name, found.id)
