"""Who may do what with whose things: the one place that decides it, for pages, commands and the marketplace alike.

Everything that can belong to somebody keeps its owner's name; what was made at this machine without an account is the owner `local`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pitwall.domain.access.words import LOCAL
from pitwall.domain.errors import NotAllowed, UnknownName

Role = Literal["member", "admin"]
Action = Literal["read", "deploy", "delete", "cancel", "rate", "publish", "administer"]
MEMBER: Role = "member"
ADMIN: Role = "admin"
ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class Owner:
    """Somebody that things belong to.

    Attributes:
        name: theirs, and nobody else's.
        role: `member`, who is master of their own things, or `admin`, who is of all.
        tier: by which limits apply to them.
    """

    name: str
    role: Role = MEMBER
    tier: str = "free"

    @property
    def is_admin(self) -> bool:
        """Whether they are master of everybody's things."""
        return self.role == ADMIN


AT_THIS_MACHINE = Owner(LOCAL, ADMIN, LOCAL)  # who sits here, where nobody has to log in


def may(owner: Owner, action: Action, of: str, *, shared: bool = False) -> bool:
    """Return whether an owner may do something with a thing.

    Args:
        owner: who wants to.
        action: what they want to do; `administer` is for what concerns everybody.
        of: the name of the thing's owner.
        shared: whether that owner shows it to everybody.

    Raises:
        UnknownName: there is no such action: a misspelt one must not be allowed or refused by accident.
    """
    if action not in ACTIONS:
        raise UnknownName("action", action, ACTIONS)
    own = owner.name == of
    if action == "rate":
        return shared and not own
    if owner.is_admin:
        return True
    if action == "administer":
        return False
    return own or (action == "read" and shared)


def see_allowed(owner: Owner, action: Action, of: str, *, shared: bool = False) -> None:
    """Let somebody do something, or not.

    Args:
        owner: who wants to.
        action: what they want to do.
        of: the name of the thing's owner.
        shared: whether that owner shows it to everybody.

    Raises:
        NotAllowed: they may not; the message does not say whose the thing is.
    """
    if not may(owner, action, of, shared=shared):
        raise NotAllowed(f"{owner.name} may not {action} this; {_who(action, own=owner.name == of)}.")


def checked_role(role: str) -> Role:
    """Return a role.

    Raises:
        UnknownName: there is none of this name.
    """
    for known in ROLES:
        if role == known:
            return known
    raise UnknownName("role", role, ROLES)


def _who(action: Action, *, own: bool) -> str:
    if action == "administer":
        return "only an admin may"
    if action == "rate":
        return "nobody rates a model of their own" if own else "only what is shared is rated"
    return "only its owner and an admin may"
