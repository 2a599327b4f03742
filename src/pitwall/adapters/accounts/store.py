"""`domain.ports.Accounts` on SQLAlchemy: tokens and tiers, and the quota of a day, exact for any number of processes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from pitwall.adapters.accounts.owners import see_owner
from pitwall.adapters.accounts.schema import owners, quotas, tier_in, tiers, tokens
from pitwall.adapters.accounts.shares import JobShares
from pitwall.domain import clock
from pitwall.domain.access import token_text
from pitwall.domain.access.words import (
    Holder,
    NewToken,
    Tier,
    Token,
    checked_name,
    checked_scopes,
    checked_tier,
)
from pitwall.domain.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Row

KNOWN_TOKENS = (
    select(*(c for c in tokens.c if c.name != "hash"), owners.c.tier)
    .join_from(tokens, owners, tokens.c.owner == owners.c.name)
    .order_by(tokens.c.created, tokens.c.id)
)
HOLDER = (
    select(tokens.c.owner, tokens.c.hash, tokens.c.scopes, tokens.c.expires, tokens.c.revoked, *tiers.c)
    .join_from(tokens, owners, tokens.c.owner == owners.c.name)
    .join(tiers, owners.c.tier == tiers.c.name)
)


class SqlAccounts(JobShares):
    """The accounts of a project."""

    def who(self, text: str, now: datetime | None = None) -> Holder | None:
        """Return who holds a token; None where it is none, expired or revoked."""
        token_id = token_text.id_of(text)
        if token_id is None:
            return None
        with self._database.read() as connection:
            row = connection.execute(HOLDER.where(tokens.c.id == token_id)).one_or_none()
        if row is None or not token_text.is_secret_of(text, row.hash):
            return None
        expires = _instant(row.expires)
        if row.revoked is not None or (expires is not None and expires <= (now or clock.wall())):
            return None
        return Holder(row.owner, frozenset(row.scopes.split()), tier_in(row), token_id)

    def lease(self, owner: str, day: date, wanted: int) -> int:
        """Take up to so many requests of an owner's quota of a day, and return how many; 0 when it is used up."""
        with self._database.write() as connection:
            quota = connection.execute(
                select(tiers.c.requests_per_day)
                .join_from(owners, tiers, owners.c.tier == tiers.c.name)
                .where(owners.c.name == owner)
            ).one_or_none()
            if quota is None:
                raise UnknownName("owner", owner, connection.scalars(select(owners.c.name)))
            used = _locked_use(connection, owner, day)
            granted = wanted if quota.requests_per_day is None else min(wanted, quota.requests_per_day - used)
            return _add_use(connection, owner, day, used, max(0, granted))

    def give_back(self, owner: str, day: date, unused: int) -> None:
        """Give back requests that were taken and not used."""
        if unused > 0:
            with self._database.write() as connection:
                used = _locked_use(connection, owner, day)
                _add_use(connection, owner, day, used, -min(unused, used))

    def used(self, owner: str, day: date) -> int:
        """Return how many requests of a day are taken."""
        with self._database.read() as connection:
            return connection.scalar(_use(owner, day)) or 0

    def create(
        self,
        owner: str,
        scopes: Iterable[str],
        tier: str | None = None,
        lifetime: timedelta | None = None,
        now: datetime | None = None,
    ) -> NewToken:
        """Make a token, and its owner if there is none.

        Args:
            owner: whose it will be.
            scopes: what it may be used for.
            tier: of the owner from now on; a new owner's is `free` and another's is kept when None.
            lifetime: after which it ends; never when None.
            now: in UTC.

        Raises:
            UnknownName: there is no such scope or tier.
            UsageError: a name that cannot be, the reserved scope, or none.
        """
        asked, at = checked_scopes(scopes), now or clock.wall()
        with self._database.write() as connection:
            see_owner(connection, checked_name("an owner", owner), tier, at)
            return _made(connection, owner, asked, at, lifetime)

    def tokens(self) -> list[Token]:
        """Return all tokens, oldest first."""
        with self._database.read() as connection:
            return [_token(row) for row in connection.execute(KNOWN_TOKENS)]

    def rotate(self, token_id: str, grace: timedelta, now: datetime | None = None) -> NewToken:
        """Make a token in a valid one's place; the old one ends after a grace, or when it would have, if that comes first.

        Raises:
            UnknownName: there is no such token.
            UsageError: it is revoked or expired, or was rotated before.
        """
        at = now or clock.wall()
        with self._database.write() as connection:
            old = _find(connection, token_id)
            if old.state(at) != "valid":
                raise UsageError(
                    f"token {token_id} is {old.state(at)}; make a new one: pitwall token create {old.owner}."
                )
            if (newer := connection.scalar(select(tokens.c.id).where(tokens.c.replaces == token_id))) is not None:
                raise UsageError(f"token {token_id} was rotated before, and {newer} is in its place; rotate that one.")
            lifetime = old.expires - old.created if old.expires else None
            made = _made(connection, old.owner, old.scopes, at, lifetime, replaces=token_id)
            ends = min(old.expires or at + grace, at + grace)
            connection.execute(tokens.update().where(tokens.c.id == token_id).values(expires=ends.isoformat()))
            return made

    def revoke(self, token_id: str, now: datetime | None = None) -> Token:
        """End a token at once; one that is revoked keeps its instant.

        Raises:
            UnknownName: there is no such token.
        """
        with self._database.write() as connection:
            if _find(connection, token_id).revoked is None:
                at = (now or clock.wall()).isoformat()
                connection.execute(tokens.update().where(tokens.c.id == token_id).values(revoked=at))
            return _find(connection, token_id)

    def tiers(self) -> list[Tier]:
        """Return all tiers by name."""
        with self._database.read() as connection:
            return [tier_in(row) for row in connection.execute(select(tiers).order_by(tiers.c.name))]

    def set_tier(self, tier: Tier) -> None:
        """Set the limits of a tier; make it where there is none.

        Raises:
            UsageError: its name or a limit cannot be.
        """
        values = vars(checked_tier(tier))
        with self._database.write() as connection:
            changed = connection.execute(tiers.update().where(tiers.c.name == tier.name).values(**values))
            if not changed.rowcount:
                connection.execute(tiers.insert().values(**values))


def _made(
    connection: Connection,
    owner: str,
    scopes: Iterable[str],
    at: datetime,
    lifetime: timedelta | None,
    *,
    replaces: str | None = None,
) -> NewToken:
    token_id, text, kept = token_text.make()
    expires = (at + lifetime).isoformat() if lifetime is not None else None
    facts = {"id": token_id, "owner": owner, "hash": kept, "scopes": " ".join(scopes), "created": at.isoformat()}
    connection.execute(tokens.insert().values(**facts, expires=expires, replaces=replaces))
    return NewToken(_find(connection, token_id), text)


def _find(connection: Connection, token_id: str) -> Token:
    row = connection.execute(KNOWN_TOKENS.where(tokens.c.id == token_id)).one_or_none()
    if row is None:
        raise UnknownName("token", token_id, connection.scalars(select(tokens.c.id)))
    return _token(row)


def _use(owner: str, day: date) -> Any:
    return select(quotas.c.used).where(quotas.c.owner == owner, quotas.c.day == day.isoformat())


def _locked_use(connection: Connection, owner: str, day: date) -> int:
    """Return the use of a day, of which nobody else takes until the transaction ends."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    row = insert(quotas).values(owner=owner, day=day.isoformat(), used=0)  # type: ignore[arg-type]
    connection.execute(row.on_conflict_do_nothing())
    return int(connection.execute(_use(owner, day).with_for_update()).scalar_one())


def _add_use(connection: Connection, owner: str, day: date, used: int, more: int) -> int:
    mine = (quotas.c.owner == owner) & (quotas.c.day == day.isoformat())
    connection.execute(quotas.update().where(mine).values(used=used + more))
    return more


def _token(row: Row[Any]) -> Token:
    created, expires, revoked = _instant(row.created), _instant(row.expires), _instant(row.revoked)
    assert created is not None
    return Token(row.id, row.owner, tuple(row.scopes.split()), row.tier, created, expires, revoked, row.replaces)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
