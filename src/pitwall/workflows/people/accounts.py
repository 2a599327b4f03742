"""Accounts: made, given another password, deleted with all that is theirs."""

from __future__ import annotations

from pitwall.adapters.accounts.people import passwords
from pitwall.domain.access.people import Account, checked_account, checked_password
from pitwall.domain.access.permissions import checked_role
from pitwall.workflows.people import leaving
from pitwall.workflows.people.entering import prove
from pitwall.workflows.workspace import Workspace


def create(workspace: Workspace, name: str, password: str, role: str | None = None, tier: str | None = None) -> Account:
    """Make an account; the first one is an admin's.

    Args:
        workspace: of the project.
        name: of the owner, who may have tokens already.
        password: in clear; only its hash is kept.
        role: `member` when None.
        tier: of the owner; a new owner's is `free` when None.

    Raises:
        UsageError: the name is taken or cannot be, or the password cannot.
        UnknownName: there is no such role or tier.
    """
    kind = checked_role(role) if role else None
    kept = passwords.hashed(checked_password(checked_account(name), password))
    return workspace.people.create(name, kept, kind, tier)


def set_password(workspace: Workspace, name: str, password: str) -> int:
    """Give an account another password, as whoever sits at the machine may; return how many sessions ended with it.

    Raises:
        UnknownName: there is no such account.
        UsageError: the password cannot be.
    """
    workspace.people.account(name)
    workspace.people.keep(name, passwords.hashed(checked_password(name, password)))
    workspace.people.succeeded(name)
    return workspace.people.end(name)


def change_password(workspace: Workspace, name: str, present: str, password: str) -> str:
    """Exchange a password by who knows the present one; all sessions end, and what a new one sends is returned.

    Args:
        workspace: of the project.
        name: of the account.
        present: the password as it is now.
        password: from now on.

    Raises:
        NotEntered, HasToWait: the present password is wrong, or was so too often.
        UsageError: the password cannot be.
    """
    prove(workspace, name, present)
    set_password(workspace, name, password)
    return workspace.people.begin(name)


def delete(workspace: Workspace, name: str) -> list[str]:
    """Delete an account with what is theirs, and return what went and what stayed.

    Raises:
        UnknownName: there is no such account.
        UsageError: it is the only admin's, and others would stay.
    """
    return leaving.leave(workspace, name)
