"""The accounts on a real SQLite file and a real PostgreSQL: who holds a token, exact quotas over processes, locks, migrations, secrets."""

from __future__ import annotations

import logging
import multiprocessing
import re
import sqlite3
import threading
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.adapters.accounts import database, schema
from pitwall.adapters.accounts.database import Database
from pitwall.adapters.accounts.store import SqlAccounts
from pitwall.domain.access.words import LOCAL, TIERS, NewToken, Tier
from pitwall.domain.errors import AccountsAway, AccountsError, UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE, accounts_address
from pitwall.testing.fakes.postgres import create_database

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
DAY = NOON.date()
HOUR = timedelta(hours=1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    return Project(tmp_path)


@pytest.fixture
def accounts(project: Project):
    opened = SqlAccounts(project)
    yield opened
    opened.close()


def secret(made: NewToken) -> str:
    return made.text.split("_", 2)[2]


def test_a_token_says_who_holds_it_and_nothing_else_does(accounts: SqlAccounts) -> None:
    made = accounts.create("ada", ["read", "predict", "read"], "team", now=NOON)
    held = accounts.who(made.text, NOON)
    assert held is not None
    assert (held.owner, held.scopes, held.tier, held.token) == ("ada", {"read", "predict"}, TIERS[2], made.token.id)
    other = accounts.create("ben", ["metrics"], now=NOON)
    assert other.token.tier == "free"
    strangers = [
        *(
            "",
            "pw",
            made.token.id,
            made.text[:-1],
            made.text + "x",
            made.text.upper(),
            f" {made.text}",
            made.text + "\n",
        ),
        f"pw_{made.token.id}_{secret(other)}",
        f"pw_{'0' * 12}_{secret(made)}",
        f"pw_{made.token.id}_{'é' * 43}",
        "pw_' OR 1=1 --_" + "x" * 43,
        "x" * 1_000_000,
    ]
    assert [text[:80] for text in strangers if accounts.who(text, NOON) is not None] == []


def test_it_ends_when_it_expires_and_at_once_when_it_is_revoked(accounts: SqlAccounts, project: Project) -> None:
    short = accounts.create("ada", ["read"], lifetime=HOUR, now=NOON)
    revoked = accounts.create("ada", ["read"], lifetime=HOUR, now=NOON + HOUR / 2)
    assert accounts.who(short.text, NOON + 0.99 * HOUR)
    assert accounts.who(short.text, NOON + HOUR) is None
    elsewhere = SqlAccounts(project)  # another worker
    assert elsewhere.who(revoked.text, NOON + HOUR)
    ended = accounts.revoke(revoked.token.id, NOON)
    assert elsewhere.who(revoked.text, NOON + HOUR) is None
    assert accounts.revoke(revoked.token.id, NOON + HOUR).revoked == ended.revoked == NOON
    assert [each.state(NOON + HOUR) for each in accounts.tokens()] == ["expired", "revoked"]
    elsewhere.close()


def test_a_rotation_lets_the_old_one_go_on_for_its_grace(accounts: SqlAccounts) -> None:
    old = accounts.create("ada", ["read"], lifetime=48 * HOUR, now=NOON)
    new = accounts.rotate(old.token.id, 2 * HOUR, NOON + HOUR)
    assert new.token.replaces == old.token.id
    assert new.token.expires == NOON + 49 * HOUR, "as long as the old one was made for"
    assert secret(new) != secret(old)
    assert accounts.who(old.text, NOON + 2.9 * HOUR)
    assert accounts.who(old.text, NOON + 3 * HOUR) is None
    assert accounts.who(new.text, NOON + 3 * HOUR)
    with pytest.raises(UsageError, match=f"{new.token.id} is in its place"):
        accounts.rotate(old.token.id, HOUR, NOON + HOUR)
    third = accounts.rotate(new.token.id, timedelta(0), NOON + HOUR)
    assert accounts.who(new.text, NOON + HOUR) is None
    near_its_end = accounts.rotate(third.token.id, 100 * HOUR, NOON + 2 * HOUR)
    assert accounts.who(third.text, NOON + 49 * HOUR + HOUR) is None, "no grace makes a token live longer"
    accounts.revoke(near_its_end.token.id, NOON)
    with pytest.raises(UsageError, match="is revoked"):
        accounts.rotate(near_its_end.token.id, HOUR, NOON)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"scopes": ["reed"]}, "did you mean 'read'"),
        ({"scopes": ["admin"]}, "reserved"),
        ({"scopes": []}, "opens nothing"),
        ({"tier": "tem"}, "did you mean 'team'"),
        ({"owner": "a b"}, "no name of an owner"),
        ({"owner": ""}, "no name of an owner"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(accounts: SqlAccounts, given, says) -> None:
    with pytest.raises(UsageError, match=says):
        accounts.create(**{"owner": "ada", "scopes": ["read"], **given})
    assert accounts.tokens() == []


def test_tiers_are_set_whole_and_hold_for_all_their_owners_at_once(accounts: SqlAccounts) -> None:
    assert accounts.tiers() == sorted(TIERS, key=lambda tier: tier.name)
    made = accounts.create("ada", ["read"])
    accounts.set_tier(Tier("free", 6, 2, 3))
    held = accounts.who(made.text)
    assert held is not None
    assert held.tier == Tier("free", 6, 2, 3)
    accounts.set_tier(Tier("club", requests_per_day=7))
    accounts.create("ada", ["read"], "club")
    held = accounts.who(made.text)
    assert held is not None
    assert held.tier.name == "club", "the owner's other tokens too"
    for wrong in (
        Tier("free", 6),
        Tier("free", burst=2),
        Tier("free", 0, 1),
        Tier("free", requests_per_day=-1),
        Tier("a b"),
    ):
        with pytest.raises(UsageError):
            accounts.set_tier(wrong)


def test_a_quota_is_taken_given_back_and_begins_anew_each_day(accounts: SqlAccounts) -> None:
    accounts.create("ada", ["read"])
    accounts.set_tier(Tier("free", requests_per_day=10))
    assert [accounts.lease("ada", DAY, 4) for _ in range(4)] == [4, 4, 2, 0]
    accounts.give_back("ada", DAY, 3)
    assert (accounts.used("ada", DAY), accounts.lease("ada", DAY, 5)) == (7, 3)
    accounts.give_back("ada", DAY, 99)
    assert accounts.used("ada", DAY) == 0
    assert accounts.lease("ada", DAY + timedelta(days=1), 99) == 10
    accounts.set_tier(Tier("free", requests_per_day=1))
    assert accounts.lease("ada", DAY + timedelta(days=1), 1) == 0, (
        "a tier that shrinks gives nothing, and takes nothing back"
    )
    accounts.create("ben", ["read"], LOCAL)
    assert accounts.lease("ben", DAY, 10**6) == 10**6
    with pytest.raises(UnknownName, match="unknown owner 'cy'"):
        accounts.lease("cy", DAY, 1)


def take_all(root: Path, day: date, granted) -> None:
    """Take seven at a time until there is nothing left, as a worker of its own; on a slow disk it waits for its turn more than once."""
    accounts, mine, got = SqlAccounts(Project(root)), 0, 7
    while got:
        try:
            got = accounts.lease("ada", day, 7)
        except AccountsAway:
            continue
        mine += got
    granted.put(mine)
    accounts.close()


def four_processes(project: Project) -> int:
    accounts = SqlAccounts(project)
    accounts.create("ada", ["read"])
    accounts.close()
    spawn = multiprocessing.get_context("spawn")
    granted = spawn.Queue()
    workers = [spawn.Process(target=take_all, args=(project.root, DAY, granted)) for _ in range(4)]
    for worker in workers:
        worker.start()
    total = sum(granted.get(timeout=120) for _ in workers)
    for worker in workers:
        worker.join()
    return total


def test_four_processes_are_granted_the_quota_exactly(project: Project) -> None:
    assert four_processes(project) == 1000


def test_a_postgresql_holds_all_of_it_and_its_password_is_nowhere(
    project: Project, postgres_server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = create_database(postgres_server, f"accounts_{uuid.uuid4().hex[:8]}")
    password = re.search(r":([^:@/]+)@", address)[1]  # type: ignore[index]
    monkeypatch.setenv("PGPASSWORD", "the run store's own, another one")
    monkeypatch.setenv(ACCOUNTS_VARIABLE, address)
    caplog.set_level(logging.DEBUG)
    assert four_processes(project) == 1000
    accounts = SqlAccounts(project)
    old = accounts.create("ben", ["read"], "team", HOUR, NOON)
    new = accounts.rotate(old.token.id, timedelta(0), NOON)
    assert accounts.who(old.text, NOON) is None
    held = accounts.who(new.text, NOON)
    assert held is not None
    assert held.owner == "ben"
    with accounts._database.write() as holding:
        holding.exec_driver_sql("LOCK TABLE quotas IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(AccountsAway, match="statement timeout"):
            accounts.lease("ada", DAY, 1)
    accounts.close()
    assert not project.accounts.exists()
    assert password not in caplog.text + repr(accounts_address(project))
    monkeypatch.setenv(ACCOUNTS_VARIABLE, address.replace(password, "wr0ng-one").replace("accounts_", "x"))
    with pytest.raises(AccountsAway) as refused:
        SqlAccounts(project)
    assert "wr0ng-one" not in str(refused.value)


def test_a_locked_database_is_said_to_be_locked_and_still_answers_who(
    accounts: SqlAccounts, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = accounts.create("ada", ["read"])
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    quick = SqlAccounts(project)
    with sqlite3.connect(project.accounts, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AccountsAway, match=r"pitwall\.db is locked .*waited at most 0.1 s\): database is locked"):
            quick.lease("ada", DAY, 1)
        assert quick.who(made.text), "reading needs no lock"
    assert quick.lease("ada", DAY, 1) == 1
    quick.close()


def test_who_comes_while_another_writes_waits_for_it(accounts: SqlAccounts, project: Project) -> None:
    accounts.create("ada", ["read"])
    other = sqlite3.connect(project.accounts, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO quotas VALUES ('ada', ?, 990)", [DAY.isoformat()])
    soon = threading.Timer(0.3, other.execute, ["COMMIT"])
    soon.start()
    assert accounts.lease("ada", DAY, 100) == 10, "and counts on from what that one has written"
    soon.join()
    other.close()


def test_no_secret_is_in_the_file_the_log_an_error_or_a_list(
    accounts: SqlAccounts, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = accounts.create("ada", ["read"])
    hashed = sqlite3.connect(project.accounts).execute("SELECT hash FROM tokens").fetchone()[0]
    accounts.who(made.text)
    with sqlite3.connect(project.accounts) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON tokens BEGIN SELECT RAISE(ABORT, 'no room'); END")
    with pytest.raises(AccountsError, match="no room") as failed:
        accounts.create("ada", ["read"])
    tried = re.compile(r"\b[0-9a-f]{64}\b")
    assert not tried.search(f"{failed.value!r}{failed.value.__context__}"), (
        "nor the hash of the one that could not be kept"
    )
    said = f"{caplog.text}{made!r}{made.token.row()}{project.accounts.read_bytes()!r}"
    for wal in project.state.glob("*"):
        said += repr(wal.read_bytes())
    assert secret(made) not in said
    assert hashed not in f"{made!r}{made.token.row()}"
    assert oct(project.accounts.stat().st_mode & 0o777) == "0o600"


def test_migrations_run_once_in_order_and_whole_or_not_at_all(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = SqlAccounts(project)
    made = first.create("ada", ["read"])
    first.close()
    broken = (*schema.MIGRATIONS, ("ALTER TABLE owners ADD COLUMN mail TEXT", "UPDATE elsewhere SET x = 1"))
    sound = (*schema.MIGRATIONS, ("ALTER TABLE owners ADD COLUMN mail TEXT",), ("UPDATE owners SET mail = 'a@b'",))
    monkeypatch.setattr(database, "MIGRATIONS", broken)
    monkeypatch.setattr(database, "migrate", lambda connection: schema.migrate(connection, broken))
    with pytest.raises(AccountsError, match="no such table: elsewhere"):
        SqlAccounts(project)
    monkeypatch.setattr(database, "MIGRATIONS", sound)
    monkeypatch.setattr(database, "migrate", lambda connection: schema.migrate(connection, sound))
    SqlAccounts(project).close()  # the failed one has left no column behind
    again = SqlAccounts(project)
    assert again.who(made.text)
    again.close()
    monkeypatch.undo()
    with pytest.raises(
        AccountsError, match=f"has schema {len(sound)} and this version of Pitwall knows {len(sound) - 2}"
    ):
        SqlAccounts(project)


def test_a_file_that_is_no_database_is_named(project: Project) -> None:
    project.accounts.parent.mkdir()
    project.accounts.write_text("nothing of the kind" * 100)
    with pytest.raises(AccountsError, match="not a database"):
        Database(accounts_address(project))
