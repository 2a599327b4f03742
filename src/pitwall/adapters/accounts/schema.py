"""The tables of the accounts, and how a database comes to have them: numbered migrations, each run once and never edited.

`schema_version` has one row. All that is missing runs in one transaction, so that a kill leaves the version of before, whole.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Connection, Float, Integer, String, bindparam, column, inspect, select, table, text

from pitwall.adapters.accounts.market_tables import BADGES, MARKET, WITHDRAWN
from pitwall.adapters.accounts.people_tables import PEOPLE
from pitwall.domain.access.words import TIERS, Tier
from pitwall.domain.errors import AccountsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

LIMITS = tuple(field.name for field in fields(Tier))


def _shares() -> tuple[str, ...]:
    """Return what makes room for jobs: what a tier allows, what was taken of a day, and whose a deployed model is.

    A fresh database has no tiers yet when this runs, and gets those of today afterwards.
    """
    return (
        "ALTER TABLE tiers ADD COLUMN jobs_per_day INTEGER",
        "ALTER TABLE tiers ADD COLUMN job_hours DOUBLE PRECISION",
        "ALTER TABLE tiers ADD COLUMN dataset_mb DOUBLE PRECISION",
        "ALTER TABLE tiers ADD COLUMN deployed INTEGER",
        "UPDATE tiers SET jobs_per_day = 5, job_hours = 1, dataset_mb = 100, deployed = 3 WHERE name = 'free'",
        "INSERT INTO tiers (name, requests_per_minute, burst, requests_per_day, job_hours, dataset_mb) "
        "SELECT 'pro', 600, 100, 50000, 8, 5000 WHERE EXISTS (SELECT 1 FROM tiers) "
        "AND NOT EXISTS (SELECT 1 FROM tiers WHERE name = 'pro')",
        "CREATE TABLE shares (owner TEXT NOT NULL REFERENCES owners (name) ON DELETE CASCADE, key TEXT NOT NULL, "
        "day TEXT NOT NULL, taken TEXT NOT NULL, job TEXT NOT NULL, PRIMARY KEY (owner, key))",
        "CREATE INDEX shares_of_a_day ON shares (owner, day)",
        "CREATE TABLE deployments (model TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES owners (name) "
        "ON DELETE CASCADE, key TEXT NOT NULL, counts INTEGER NOT NULL)",
    )


GPU = (
    "ALTER TABLE tiers ADD COLUMN gpu BOOLEAN NOT NULL DEFAULT FALSE",
    "UPDATE tiers SET gpu = TRUE WHERE name IN ('local', 'pro')",
)
# text for instants (ISO 8601, UTC): both databases keep it as it is, and people can read it
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE tiers (name TEXT PRIMARY KEY, requests_per_minute INTEGER, burst INTEGER, requests_per_day INTEGER)",
        "CREATE TABLE owners (name TEXT PRIMARY KEY, tier TEXT NOT NULL REFERENCES tiers (name), created TEXT NOT NULL)",
        "CREATE TABLE tokens (id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES owners (name), hash TEXT NOT NULL, "
        "scopes TEXT NOT NULL, created TEXT NOT NULL, expires TEXT, revoked TEXT, replaces TEXT UNIQUE REFERENCES tokens (id))",
        "CREATE TABLE quotas (owner TEXT NOT NULL REFERENCES owners (name), day TEXT NOT NULL, used INTEGER NOT NULL, "
        "PRIMARY KEY (owner, day))",
    ),
    PEOPLE,
    _shares(),
    MARKET,
    BADGES,
    WITHDRAWN,
    GPU,
)
VERSION = table("schema_version", column("version", Integer))
tiers = table(
    "tiers",
    column("name", String),
    *(column(c, Integer) for c in ("requests_per_minute", "burst", "requests_per_day", "jobs_per_day", "deployed")),
    *(column(c, Float) for c in ("job_hours", "dataset_mb")),
    column("gpu", Boolean),
)
owners = table("owners", *(column(c, String) for c in ("name", "tier", "created")))
tokens = table(
    "tokens",
    *(column(c, String) for c in ("id", "owner", "hash", "scopes", "created", "expires", "revoked", "replaces")),
)
quotas = table("quotas", column("owner", String), column("day", String), column("used", Integer))
shares = table("shares", *(column(c, String) for c in ("owner", "key", "day", "taken", "job")))
deployments = table("deployments", *(column(c, String) for c in ("model", "owner", "key")), column("counts", Integer))


def version(connection: Connection) -> int:
    """Return how many migrations a database has been through; 0 of an empty one."""
    if not inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.execute(select(VERSION.c.version)).scalar_one())


def migrate(connection: Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Run what a database lacks, in the transaction of the connection, which nobody else may write in meanwhile.

    Args:
        connection: to the database.
        migrations: all of them, oldest first.

    Raises:
        AccountsError: a later version of Pitwall made the database.
    """
    have = version(connection)
    see_known(have, len(migrations))
    for statement in (each for step in migrations[have:] for each in step):
        connection.execute(text(statement))
    if have == 0:
        connection.execute(text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
        connection.execute(VERSION.insert().values(version=0))
        fresh = tiers.insert().values({name: bindparam(name) for name in LIMITS})
        connection.execute(fresh, [vars(tier) for tier in TIERS])
    connection.execute(VERSION.update().values(version=len(migrations)))


def see_known(have: int, known: int) -> None:
    """Look at the version of a database.

    Raises:
        AccountsError: a later version of Pitwall made it.
    """
    if have > known:
        raise AccountsError(
            f"the accounts database has schema {have} and this version of Pitwall knows {known}: a later one made it; use that one."
        )


def tier_in(row: Row[Any]) -> Tier:
    """Return the tier of a row that has its columns."""
    return Tier(**{name: getattr(row, name) for name in LIMITS})
