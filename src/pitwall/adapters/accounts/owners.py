"""Owners: whom things belong to. Tokens and accounts both enter them, by the same rule."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select

from pitwall.adapters.accounts.people_tables import departed
from pitwall.adapters.accounts.schema import owners, tiers
from pitwall.domain.access.words import FREE
from pitwall.domain.errors import UnknownName, UsageError


def see_owner(connection: Connection, name: str, tier: str | None, at: datetime) -> None:
    """Enter an owner, if there is none of this name.

    Args:
        connection: whose transaction writes.
        name: of the owner.
        tier: of the owner from now on; a new owner's is `free` and another's is kept when None.
        at: when, UTC.

    Raises:
        UnknownName: there is no such tier.
        UsageError: the name was somebody's who left: what others hold of theirs would be another one's.
    """
    known = list(connection.scalars(select(tiers.c.name)))
    if tier is not None and tier not in known:
        raise UnknownName("tier", tier, known)
    if connection.scalar(select(owners.c.name).where(owners.c.name == name)) is None:
        _see_not_departed(connection, name)
        connection.execute(owners.insert().values(name=name, tier=tier or FREE, created=at.isoformat()))
    elif tier is not None:
        connection.execute(owners.update().where(owners.c.name == name).values(tier=tier))


def forget_owner(connection: Connection, name: str, at: datetime) -> None:
    """Delete an owner, whom nothing belongs to any more, and let nobody have the name again, in no spelling."""
    connection.execute(owners.delete().where(owners.c.name == name))
    connection.execute(departed.insert().values(name=_key(name), at=at.isoformat()))


def _see_not_departed(connection: Connection, name: str) -> None:
    if connection.scalar(select(departed.c.name).where(departed.c.name == _key(name))) is not None:
        raise UsageError(
            f"{name} was the name of an account that was deleted, and nobody gets it again; choose another name."
        )


def _key(name: str) -> str:
    return sha256(name.casefold().encode()).hexdigest()
