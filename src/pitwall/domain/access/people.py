"""The words of accounts: an owner with a password and a role, their sessions in browsers, what a password may be, how long wrong ones have to wait."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from pitwall.domain.access.permissions import Owner, Role
from pitwall.domain.access.words import LOCAL, checked_name
from pitwall.domain.errors import PitwallError, UsageError

SHORTEST, LONGEST = 12, 1000  # characters of a password
LIFE, IDLE = timedelta(hours=12), timedelta(hours=2)  # of a session
FREE_TRIES, LONGEST_WAIT_S = 5, 900
FORGOTTEN = timedelta(days=1)  # after which wrong passwords of a name count no more


@dataclass(frozen=True)
class Account:
    """What is known of an account: everything but its password.

    Attributes:
        name: of the owner.
        role: `member` or `admin`.
        tier: of the owner.
        created: when.
        changed: when the password was last set.
    """

    name: str
    role: Role
    tier: str
    created: datetime
    changed: datetime

    @property
    def owner(self) -> Owner:
        """Who they are."""
        return Owner(self.name, self.role, self.tier)

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**asdict(self), "created": self.created.isoformat(), "changed": self.changed.isoformat()}


@dataclass(frozen=True)
class Session:
    """A login of a browser.

    Attributes:
        id: by which it is listed and ended; what the browser sends cannot be had from it.
        owner: who logged in, with role and tier as they are now.
        created: when.
        seen: when it was last used, to the minute.
        expires: when it ends at the latest.
    """

    id: str
    owner: Owner
    created: datetime
    seen: datetime
    expires: datetime

    def valid(self, now: datetime) -> bool:
        """Whether it has neither grown too old nor been idle for too long."""
        return now < min(self.expires, self.seen + IDLE)


def normal(password: str) -> str:
    """Return a password as it is hashed: keyboards and systems write the same letter in several ways."""
    return unicodedata.normalize("NFKC", password)


def checked_password(name: str, password: str) -> str:
    """Return a password that somebody may have; the message never holds it.

    Raises:
        UsageError: it is short, long, their name, or one character again and again.
    """
    found = normal(password)
    if not SHORTEST <= len(found) <= LONGEST:
        raise UsageError(
            f"a password has {SHORTEST} to {LONGEST} characters, and this one has {len(found)}; take some words that you can keep in mind."
        )
    if found.casefold().strip() == name.casefold() or len(set(found.casefold())) == 1:
        raise UsageError("the password is the name, or one character again and again; take some words instead.")
    return found


def checked_account(name: str) -> str:
    """Return the name of an account.

    Raises:
        UsageError: it cannot be one, or is that of whoever sits at this machine.
    """
    if checked_name("an account", name).casefold() == LOCAL:
        raise UsageError(f"{LOCAL} is whoever sits at this machine; choose another name.")
    return name


def pause_after(failed: int) -> float:
    """Return for how many seconds a name has to wait after so many wrong passwords.

    Example:
        >>> [pause_after(each) for each in (4, 5, 6, 7, 40)]
        [0.0, 1.0, 2.0, 4.0, 900.0]
    """
    if failed < FREE_TRIES:
        return 0.0
    return float(min(2 ** min(failed - FREE_TRIES, 20), LONGEST_WAIT_S))


class NotEntered(PitwallError):
    """Somebody did not prove who they are; says the same of a wrong password and of a name that nobody has."""

    def __init__(self) -> None:
        super().__init__("the name or the password is wrong.")


class HasToWait(PitwallError):
    """Too many wrong passwords of one name: the next try has to wait.

    Args:
        seconds: until then.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(f"too many wrong passwords for this name; try again in {self.seconds} s.")
