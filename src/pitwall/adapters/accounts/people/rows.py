"""Rows of people as words of the domain, and what has to hold before one is written."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, text

from pitwall.adapters.accounts.people_tables import accounts, attempts, sessions
from pitwall.adapters.accounts.schema import owners
from pitwall.domain import clock
from pitwall.domain.access.people import Account, Session
from pitwall.domain.access.permissions import ADMIN, Owner
from pitwall.domain.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Row

KNOWN = select(accounts, owners.c.tier).join_from(accounts, owners, accounts.c.owner == owners.c.name)
OPEN = (
    select(sessions, accounts.c.role, owners.c.tier)
    .join_from(sessions, accounts, sessions.c.owner == accounts.c.owner)
    .join(owners, owners.c.name == accounts.c.owner)
    .where(sessions.c.ended.is_(None))
    .order_by(sessions.c.created.desc(), sessions.c.hash)
)


def see_free(connection: Connection, name: str) -> None:
    """Let a name be an account's.

    Raises:
        UsageError: another one has it, in this or another spelling.
    """
    taken = connection.scalars(select(owners.c.name).where(func.lower(owners.c.name) == name.lower()))
    if [each for each in taken if each != name]:
        raise UsageError(
            f"{name} differs from another owner's name in small and capital letters alone; choose another name."
        )
    if connection.scalar(select(accounts.c.owner).where(accounts.c.owner == name)) is not None:
        raise UsageError(f"{name} has an account; `pitwall account password {name}` sets another password.")


def alone(connection: Connection) -> None:
    """Let nobody else change accounts until the transaction ends; in SQLite nobody writes meanwhile as it is."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("LOCK TABLE accounts IN EXCLUSIVE MODE"))


def see_not_last(connection: Connection, name: str) -> None:
    """Let an admin go, or not.

    Raises:
        UsageError: there is no other one.
    """
    admins = list(connection.scalars(select(accounts.c.owner).where(accounts.c.role == ADMIN)))
    if admins == [name]:
        raise UsageError(f"{name} is the only admin; make another one first: pitwall account role NAME {ADMIN}.")


def see_counted(connection: Connection, key: str, at: datetime) -> None:
    """Let there be a row that counts the wrong passwords of a name."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    row = insert(attempts).values(name=key, failed=0, waits_until=written(at), last=written(at))  # type: ignore[arg-type]
    connection.execute(row.on_conflict_do_nothing())


def known_account(connection: Connection, name: str) -> Account:
    """Return an account.

    Raises:
        UnknownName: there is none of this name.
    """
    row = connection.execute(KNOWN.where(accounts.c.owner == name)).one_or_none()
    if row is None:
        raise UnknownName("account", name, connection.scalars(select(accounts.c.owner)))
    return account_of(row)


def account_of(row: Row[Any]) -> Account:
    """Return a row as an account."""
    return Account(row.owner, row.role, row.tier, instant(row.created), instant(row.changed))


def session_of(row: Row[Any]) -> Session:
    """Return a row as a session."""
    owner = Owner(row.owner, row.role, row.tier)
    return Session(row.hash, owner, instant(row.created), instant(row.seen), instant(row.expires))


def hash_of(text: str) -> str:
    """Return what is kept of a text that nobody shall read here."""
    return sha256(text.encode()).hexdigest()


def written(at: datetime | None) -> str:
    """Return an instant as it is kept: always of one length, so that texts are in order as instants are."""
    return (at or clock.wall()).isoformat(timespec="microseconds")


def instant(text: str) -> datetime:
    """Return an instant that was kept."""
    return datetime.fromisoformat(text)
