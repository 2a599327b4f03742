"""One database of accounts: opened, brought to today's schema, and never waited for longer than a stated time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from pitwall.adapters.accounts.schema import MIGRATIONS, migrate, see_known, version
from pitwall.domain.errors import AccountsAway, AccountsError
from pitwall.domain.project import Project
from pitwall.domain.settings import StoreAddress, accounts_address

BUSY_SECONDS = 2  # a request that waits longer has lost its caller
LOCK_KEY = 0x70697477616C6C  # of PostgreSQL's advisory lock: "pitwall"
PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
THREADS = 40  # that may ask at once: what a server's pool of threads has


class Database:
    """A database and its transactions.

    Args:
        address: a SQLite file, made if there is none, or a PostgreSQL with a database in it.

    Raises:
        AccountsAway: it is locked, or does not answer, for two seconds.
        AccountsError: it is none, or a later version of Pitwall made it.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        self._engine = _sqlite(address) if address.path else _postgresql(address)
        self._writing = self._engine.execution_options(writes=True)
        with self.read() as connection:
            have = version(connection)
        see_known(have, len(MIGRATIONS))
        if have < len(MIGRATIONS):
            self._migrate()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a transaction that sees one state of the database and locks nobody out."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that writes; in SQLite the only one, from its first word."""
        with self._explained(), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let all connections go."""
        self._engine.dispose()

    def _migrate(self) -> None:
        if self._address.path is None:
            with self.write() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
                migrate(connection)
            return
        path = self._address.path
        try:
            with FileLock(path.with_suffix(".lock"), timeout=BUSY_SECONDS):
                with self._explained(), self._engine.connect() as raw:  # outside of a transaction, and kept in the file
                    raw.connection.execute("PRAGMA journal_mode=WAL").close()
                with self.write() as connection:
                    migrate(connection)
        except Timeout:
            raise AccountsAway(f"another process has been making {path} for {BUSY_SECONDS} s; try again.") from None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what is wrong in the driver's words; SQLAlchemy's own would repeat the statement and what was in it."""
        try:
            yield
        except NoConnection:
            raise AccountsAway(
                f"no connection to the accounts database was free for {BUSY_SECONDS} s; try again."
            ) from None
        except SQLAlchemyError as error:
            if _may_pass(error):
                raise AccountsAway(
                    f"the accounts database {self._address.uri} is locked or does not answer (waited at most {BUSY_SECONDS} s): "
                    f"{_first_line(error)}. Try again; if it stays so, see which process holds it."
                ) from None
            raise AccountsError(
                f"the accounts database {self._address.uri} cannot be used: {_first_line(error)}"
            ) from None


def _may_pass(error: SQLAlchemyError) -> bool:
    """Return whether another try may succeed; SQLite has one class for a lock and for a table that is not there."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return isinstance(error, OperationalError) and (code is None or code & 0xFF in PASSING)


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or type(error).__name__).strip().split("\n")[0]


def _engine(address: StoreAddress, connect: dict[str, Any]) -> Engine:
    return create_engine(
        address.uri, connect_args=connect, hide_parameters=True, pool_timeout=BUSY_SECONDS, max_overflow=THREADS
    )


def _sqlite(address: StoreAddress) -> Engine:
    """Return the engine of a file that only its user reads: SQLite's own files beside it take its mode."""
    path = address.path
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    engine = _engine(address, {"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begun)
    return engine


def _prepared(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, and read before it locks
    for setting in ("foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {setting}")


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(address: StoreAddress) -> Engine:
    """Return the engine of a server; its password goes to the driver alone, as the run store may have another one."""
    connect = {"connect_timeout": BUSY_SECONDS, "options": f"-c statement_timeout={BUSY_SECONDS * 1000}"}
    if password := address.secrets.get("PGPASSWORD"):
        connect["password"] = password
    return _engine(address, connect)


class OfAccounts:
    """What lies in the accounts' database of a project.

    Args:
        project: whose settings say where that is.

    Raises:
        AccountsAway: the database is locked, or does not answer.
    """

    def __init__(self, project: Project) -> None:
        self._database = Database(accounts_address(project))

    def close(self) -> None:
        """Let the database go."""
        self._database.close()
