"""Where accounts with passwords, their sessions and wrong passwords are kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pitwall.domain.access.people import Account, Session
    from pitwall.domain.access.permissions import Role


class People(Protocol):
    """The people of a project. Threads and processes may share them; instants are UTC, now without one.

    Every call raises AccountsAway where the database is locked or does not answer, within seconds.
    """

    def create(
        self, name: str, kept: str, role: Role | None = None, tier: str | None = None, now: datetime | None = None
    ) -> Account:
        """Make an account with the hash of its password; the first one is an admin, whatever was asked for."""

    def account(self, name: str) -> Account:
        """Return an account."""

    def accounts(self) -> list[Account]:
        """Return all accounts by name."""

    def kept(self, name: str) -> str | None:
        """Return the hash of a password; None where there is no such account."""

    def keep(self, name: str, kept: str, now: datetime | None = None, *, rehashed: bool = False) -> None:
        """Exchange the hash of a password; one that was merely made again leaves `changed` as it is."""

    def set_role(self, name: str, role: Role) -> Account:
        """Give somebody a role; the last admin keeps theirs."""

    def see_may_leave(self, name: str) -> None:
        """Let an account be deleted, or not: where others stay, an admin stays too."""

    def remove(self, name: str, now: datetime | None = None) -> dict[str, int]:
        """Delete an account with its owner, and return what went; nobody gets the name again."""

    def attempt(self, name: str, now: datetime | None = None) -> float:
        """Count a try at a name's password before it is made; return how many seconds it has to wait instead, 0 for none."""

    def succeeded(self, name: str) -> None:
        """Forget the wrong passwords of a name."""

    def begin(self, name: str, now: datetime | None = None) -> str:
        """Begin a session and return what the browser sends: the only time that anybody sees it."""

    def session(self, text: str, now: datetime | None = None) -> Session | None:
        """Return the session of what a browser sent, and note that it was seen; None where it is none, or has ended."""

    def sessions(self, name: str, now: datetime | None = None) -> list[Session]:
        """Return the sessions of somebody that have not ended, the newest first."""

    def end(self, name: str, which: str | None = None, now: datetime | None = None) -> int:
        """End a session of somebody by its id, all of theirs without one; return how many ended."""

    def close(self) -> None:
        """Let the database go."""
