"""Where owners, their tokens, tiers and the use of a day are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pitwall.domain.access.words import Deployment, Holder, NewToken, Share, Tier, Token


class Accounts(Protocol):
    """The accounts of a project. Threads and processes may share them; instants are UTC, now without one.

    Every call raises AccountsAway where the database is locked or does not answer, within seconds.
    """

    def who(self, text: str, now: datetime | None = None) -> Holder | None:
        """Return who holds a token; None where it is none, expired or revoked. Writes nothing."""

    def lease(self, owner: str, day: date, wanted: int) -> int:
        """Take up to so many requests of an owner's quota of a day (UTC), and return how many; 0 when it is used up."""

    def give_back(self, owner: str, day: date, unused: int) -> None:
        """Give back requests that were taken and not used."""

    def used(self, owner: str, day: date) -> int:
        """Return how many requests of a day are taken."""

    def create(
        self,
        owner: str,
        scopes: Iterable[str],
        tier: str | None = None,
        lifetime: timedelta | None = None,
        now: datetime | None = None,
    ) -> NewToken:
        """Make a token; its owner too, if there is none, and in that tier from now on where one is given."""

    def tokens(self) -> list[Token]:
        """Return all tokens, oldest first."""

    def rotate(self, token_id: str, grace: timedelta, now: datetime | None = None) -> NewToken:
        """Make a token in a valid one's place, for as long as that one was made for; the old one ends after a grace."""

    def revoke(self, token_id: str, now: datetime | None = None) -> Token:
        """End a token at once."""

    def tiers(self) -> list[Tier]:
        """Return all tiers by name."""

    def set_tier(self, tier: Tier) -> None:
        """Set the limits of a tier, of all its owners; make it where there is none."""

    def tier_of(self, owner: str) -> Tier:
        """Return the tier of an owner; raise UnknownName where there is none of this name but `local`."""

    def reserve(self, owner: str, key: str, now: datetime | None = None, model: str = "", of: str = "") -> bool:
        """Take one job of an owner's day, and one of the models that they may deploy where one is named; both or none.

        False where the key had taken it before; raises QuotaExceeded where nothing is left.
        """

    def came_of(self, owner: str, key: str, job: str) -> None:
        """Note which flow run came of what a key has taken: it is used from now on."""

    def release(self, owner: str, key: str) -> None:
        """Give a job back of which nothing was begun."""

    def shares(self, owner: str) -> list[Share]:
        """Return all jobs that an owner has taken, oldest first."""

    def jobs_on(self, owner: str, day: date) -> int:
        """Return how many jobs of a day (UTC) are taken."""

    def deployments(self, owner: str | None = None) -> list[Deployment]:
        """Return the models that an owner, or anybody, has deployed or wanted to, by name."""

    def count(self, seen: Deployment, *, counts: bool) -> None:
        """Say of a deployment whether it counts; of one that was taken anew meanwhile nothing is said."""

    def close(self) -> None:
        """Let the database go."""
