"""Where it is kept what people share, take from each other, and think of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pitwall.domain.access.sharing import Badge, SharedVersion


class Market(Protocol):
    """The shared models of a project. Threads and processes may share it; instants are UTC, now without one.

    Every call raises AccountsAway where the database is locked or does not answer, within seconds.
    """

    def enter(self, version: SharedVersion, now: datetime | None = None) -> None:
        """Enter a version of a shared model, and the model, unless they are there."""

    def took(self, bundle: str, owner: str, now: datetime | None = None) -> None:
        """Write a download of a version that is entered down."""

    def rate(self, bundle: str, owner: str, stars: int, now: datetime | None = None) -> None:
        """Keep what an owner thinks of a version that is entered, in the place of what they thought before."""

    def ratings(self) -> dict[str, dict[str, int]]:
        """Return the stars that each owner gave, by bundle."""

    def downloads(self, since: datetime | None = None) -> dict[str, int]:
        """Return how often each bundle was downloaded, from an instant on or ever."""

    def award(self, badge: Badge, owner: str, now: datetime | None = None) -> None:
        """Keep what came of training the model of an entered bundle again, in the place of what came of it before."""

    def badges(self) -> dict[str, Badge]:
        """Return what came of it, by bundle."""

    def withdraw(self, bundle: str, now: datetime | None = None, *, noted: bool = True) -> None:
        """Forget a version with all that people thought of it; noted, it is known that there was one."""

    def withdrawn(self) -> dict[str, str]:
        """Return {bundle: when, ISO text} of those that were shared here and are no more."""

    def forget(self, owner: str) -> tuple[int, int]:
        """Forget the ratings and downloads of an owner; return how many there were of each."""

    def shared_by(self, owner: str) -> list[SharedVersion]:
        """Return the versions that an owner of this project shares, by name and version."""
