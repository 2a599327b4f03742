"""`domain.ports.People` on SQLAlchemy: accounts, sessions and wrong passwords, in step over any number of processes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import func, select

from pitwall.adapters.accounts.database import OfAccounts
from pitwall.adapters.accounts.owners import forget_owner, see_owner
from pitwall.adapters.accounts.people.rows import (
    KNOWN,
    OPEN,
    account_of,
    alone,
    hash_of,
    instant,
    known_account,
    see_counted,
    see_free,
    see_not_last,
    session_of,
    written,
)
from pitwall.adapters.accounts.people_tables import accounts, attempts, sessions
from pitwall.adapters.accounts.schema import quotas, tokens
from pitwall.domain import clock
from pitwall.domain.access.people import FORGOTTEN, LIFE, Account, Session, checked_account, pause_after
from pitwall.domain.access.permissions import ADMIN, MEMBER, Role, checked_role
from pitwall.domain.errors import AccountsAway

OFTEN = timedelta(minutes=1)  # a session that is used notes it so often: each page would be a write otherwise
LISTED = timedelta(days=7)  # for which a session that has ended is kept


class SqlPeople(OfAccounts):
    """The people of a project."""

    def create(
        self, name: str, kept: str, role: Role | None = None, tier: str | None = None, now: datetime | None = None
    ) -> Account:
        """Make an account, and its owner if there is none; the first account is an admin's.

        Args:
            name: of the owner.
            kept: the hash of the password.
            role: `member` when None.
            tier: of the owner from now on; a new owner's is `free` and another's is kept when None.
            now: in UTC.

        Raises:
            UsageError: the name cannot be, is taken in any spelling, or was somebody's who left.
            UnknownName: there is no such tier.
        """
        at = now or clock.wall()
        with self._database.write() as connection:
            alone(connection)
            see_free(connection, checked_account(name))
            see_owner(connection, name, tier, at)
            first = connection.scalar(select(func.count()).select_from(accounts)) == 0
            given = ADMIN if first else checked_role(role or MEMBER)
            values = {"owner": name, "hash": kept, "role": given, "created": written(at), "changed": written(at)}
            connection.execute(accounts.insert().values(**values))
            return known_account(connection, name)

    def account(self, name: str) -> Account:
        """Return an account.

        Raises:
            UnknownName: there is none of this name.
        """
        with self._database.read() as connection:
            return known_account(connection, name)

    def accounts(self) -> list[Account]:
        """Return all accounts by name."""
        with self._database.read() as connection:
            return [account_of(row) for row in connection.execute(KNOWN.order_by(accounts.c.owner))]

    def kept(self, name: str) -> str | None:
        """Return the hash of a password; None where there is no such account."""
        with self._database.read() as connection:
            return connection.scalar(select(accounts.c.hash).where(accounts.c.owner == name))

    def keep(self, name: str, kept: str, now: datetime | None = None, *, rehashed: bool = False) -> None:
        """Exchange the hash of a password.

        Args:
            name: of the account.
            kept: the hash from now on.
            now: in UTC.
            rehashed: the password is the same: `changed` stays.

        Raises:
            UnknownName: there is no such account.
        """
        values = {"hash": kept} if rehashed else {"hash": kept, "changed": written(now)}
        with self._database.write() as connection:
            known_account(connection, name)
            connection.execute(accounts.update().where(accounts.c.owner == name).values(**values))

    def set_role(self, name: str, role: Role) -> Account:
        """Give somebody a role.

        Raises:
            UnknownName: there is no such account or role.
            UsageError: it is the last admin's.
        """
        given = checked_role(role)
        with self._database.write() as connection:
            alone(connection)
            if given != ADMIN:
                see_not_last(connection, name)
            connection.execute(accounts.update().where(accounts.c.owner == name).values(role=given))
            return known_account(connection, name)

    def see_may_leave(self, name: str) -> None:
        """Let an account be deleted, or not.

        Raises:
            UnknownName: there is no such account.
            UsageError: it is the last admin's and there are others.
        """
        with self._database.read() as connection:
            known_account(connection, name)
            if connection.scalar(select(func.count()).select_from(accounts)) != 1:
                see_not_last(connection, name)

    def remove(self, name: str, now: datetime | None = None) -> dict[str, int]:
        """Delete an account with its owner, sessions, tokens and quotas; return how many of each went.

        Raises:
            UnknownName: there is no such account.
            UsageError: it is the last admin's and there are others.
        """
        self.see_may_leave(name)
        mine = {"sessions": sessions, "accounts": accounts, "tokens": tokens, "quotas": quotas}
        with self._database.write() as connection:
            alone(connection)
            went = {
                what: connection.execute(each.delete().where(each.c.owner == name)).rowcount
                for what, each in mine.items()
            }
            connection.execute(attempts.delete().where(attempts.c.name == hash_of(name)))
            forget_owner(connection, name, now or clock.wall())
            return went

    def attempt(self, name: str, now: datetime | None = None) -> float:
        """Count a try before it is made, so that many at once are many; return how long it has to wait instead, in seconds."""
        at, mine = now or clock.wall(), attempts.c.name == hash_of(name)
        with self._database.write() as connection:
            connection.execute(attempts.delete().where(attempts.c.last < written(at - FORGOTTEN)))
            see_counted(connection, hash_of(name), at)
            row = connection.execute(select(attempts).where(mine).with_for_update()).one()
            if (wait := (instant(row.waits_until) - at).total_seconds()) > 0:
                return wait
            failed = row.failed + 1
            until = written(at + timedelta(seconds=pause_after(failed)))
            connection.execute(attempts.update().where(mine).values(failed=failed, waits_until=until, last=written(at)))
        return 0.0

    def succeeded(self, name: str) -> None:
        """Forget the wrong passwords of a name."""
        with self._database.write() as connection:
            connection.execute(attempts.delete().where(attempts.c.name == hash_of(name)))

    def begin(self, name: str, now: datetime | None = None) -> str:
        """Begin a session and return what the browser sends; what ended long ago is forgotten.

        Raises:
            UnknownName: there is no such account.
        """
        at, made = now or clock.wall(), secrets.token_urlsafe(32)
        began = written(at)
        values = {"hash": hash_of(made), "owner": name, "created": began, "seen": began, "expires": written(at + LIFE)}
        with self._database.write() as connection:
            known_account(connection, name)
            connection.execute(sessions.delete().where(sessions.c.expires < written(at - LISTED)))
            connection.execute(sessions.insert().values(**values))
        return made

    def session(self, text: str, now: datetime | None = None) -> Session | None:
        """Return the session of what a browser sent; None where it is none, ended, too old, or was idle for too long."""
        at, mine = now or clock.wall(), sessions.c.hash == hash_of(text)
        with self._database.read() as connection:
            row = connection.execute(OPEN.where(mine)).one_or_none()
        found = session_of(row) if row is not None else None
        if found is None or not found.valid(at):
            return None
        if at - found.seen > OFTEN:
            with suppress(AccountsAway), self._database.write() as connection:  # whoever reads a page need not wait
                connection.execute(sessions.update().where(mine).values(seen=written(at)))
        return found

    def sessions(self, name: str, now: datetime | None = None) -> list[Session]:
        """Return the sessions of somebody that have not ended, the newest first."""
        at = now or clock.wall()
        with self._database.read() as connection:
            found = [session_of(row) for row in connection.execute(OPEN.where(sessions.c.owner == name))]
        return [each for each in found if each.valid(at)]

    def end(self, name: str, which: str | None = None, now: datetime | None = None) -> int:
        """End a session of somebody, all of theirs without an id; one of another's is none of theirs."""
        mine = (sessions.c.owner == name) & sessions.c.ended.is_(None)
        if which is not None:
            mine &= sessions.c.hash == which
        with self._database.write() as connection:
            return connection.execute(sessions.update().where(mine).values(ended=written(now))).rowcount
