"""Accounts, sessions and wrong passwords on a real SQLite file and a real PostgreSQL, by several stores at once."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.adapters.accounts.people.store import SqlPeople
from pitwall.adapters.accounts.store import SqlAccounts
from pitwall.domain.access.people import FREE_TRIES, IDLE, LIFE, LONGEST_WAIT_S, checked_password
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.fakes.postgres import create_database

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    return Project(tmp_path)


@pytest.fixture
def people(project: Project):
    opened = SqlPeople(project)
    yield opened
    opened.close()


def test_the_first_account_is_an_admin_and_the_last_admin_stays_one(people: SqlPeople) -> None:
    assert people.create("ada", "h", "member", now=NOON).role == "admin"
    ben = people.create("ben", "h", now=NOON)
    assert (ben.role, ben.tier, ben.owner.is_admin) == ("member", "free", False)
    for refused in (lambda: people.set_role("ada", "member"), lambda: people.remove("ada")):
        with pytest.raises(UsageError, match="ada is the only admin"):
            refused()
    people.set_role("ben", "admin")
    assert people.set_role("ada", "member").role == "member"
    assert [(each.name, each.role) for each in people.accounts()] == [("ada", "member"), ("ben", "admin")]
    with pytest.raises(UnknownName, match="ada"):
        people.account("adda")


def test_a_name_is_one_persons_in_any_spelling_for_ever(people: SqlPeople, project: Project) -> None:
    people.create("ada", "h")
    for name in ("ada", "Ada", "ADA", "local", "Local", "a b", ""):
        with pytest.raises(UsageError):
            people.create(name, "h")
    people.create("ben", "h")
    people.remove("ben")
    for name in ("ben", "BEN"):
        with pytest.raises(UsageError, match="nobody gets it again"):
            people.create(name, "h")
    accounts = SqlAccounts(project)
    with pytest.raises(UsageError, match="nobody gets it again"):
        accounts.create("ben", ["read"])
    accounts.close()
    assert b"ben" not in b"".join(path.read_bytes() for path in [project.accounts] if _checkpointed(path))


def _checkpointed(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


def test_who_leaves_takes_sessions_tokens_and_use_with_them(people: SqlPeople, project: Project) -> None:
    people.create("ada", "h")
    people.create("ben", "h")
    accounts = SqlAccounts(project)
    token = accounts.create("ben", ["read"])
    accounts.rotate(token.token.id, HOUR)
    kept = accounts.create("ada", ["read"])
    accounts.lease("ben", NOON.date(), 3)
    text, other = people.begin("ben", NOON), people.begin("ada", NOON)
    assert people.remove("ben") == {"sessions": 1, "accounts": 1, "tokens": 2, "quotas": 1}
    assert accounts.who(token.text) is None and accounts.who(kept.text) is not None
    assert people.session(text, NOON) is None and people.session(other, NOON) is not None
    assert [each.name for each in people.accounts()] == ["ada"]
    accounts.close()
    assert people.remove("ada")["accounts"] == 1  # nobody stays who could be locked out


def test_a_session_ends_by_age_idleness_and_hand_in_every_worker(people: SqlPeople, project: Project) -> None:
    people.create("ada", "h", now=NOON)
    people.create("ben", "h", now=NOON)
    text = people.begin("ada", NOON)
    assert people.session(text, NOON).owner.name == "ada"
    assert people.session(text, NOON + IDLE) is None
    at = NOON
    while at < NOON + LIFE - IDLE:
        at += IDLE * 0.9
        assert people.session(text, at) is not None, "one that is used goes on"
    assert people.session(text, NOON + LIFE) is None, "but not for ever"
    second, third = people.begin("ada", NOON), people.begin("ada", NOON)
    elsewhere = SqlPeople(project)
    (which,) = [each.id for each in elsewhere.sessions("ada", NOON) if each.id == people.session(second, NOON).id]
    assert elsewhere.end("ben", which) == 0, "another's"
    assert elsewhere.end("ada", which) == 1
    elsewhere.close()
    assert people.session(second, NOON) is None and people.session(third, NOON) is not None
    for stranger in ("", which, second[:-1], second + "x", "x" * 100_000):
        assert people.session(stranger, NOON) is None
    people.set_role("ben", "admin")
    people.set_role("ada", "member")
    assert people.session(third, NOON).owner.role == "member", "a role holds at once"


def test_nothing_that_a_browser_sends_is_in_the_file(people: SqlPeople, project: Project) -> None:
    people.create("ada", "h")
    text = people.begin("ada")
    people.attempt("correct horse battery")  # a password in the field of the name
    said = b"".join(path.read_bytes() for path in project.state.glob("*"))
    assert people.session(text).id.encode() in said
    assert text.encode() not in said and b"correct horse" not in said


def test_wrong_passwords_wait_longer_and_longer_whoever_counts_them(people: SqlPeople, project: Project) -> None:
    two = [people, SqlPeople(project)]
    at, waits = NOON, []
    for number in range(FREE_TRIES):
        assert two[number % 2].attempt("nobody", at) == 0
    for number in range(14):
        wait = two[number % 2].attempt("nobody", at)
        assert two[(number + 1) % 2].attempt("nobody", at + timedelta(seconds=wait) - 0.1 * SECOND) > 0
        waits.append(wait)
        at += timedelta(seconds=wait)
        assert two[number % 2].attempt("nobody", at) == 0
    assert waits == [min(2**each, LONGEST_WAIT_S) for each in range(14)]
    assert people.attempt("ada", at) == 0, "another name waits for nobody"
    two[1].succeeded("nobody")
    assert people.attempt("nobody", at) == 0 and people.attempt("nobody", at) == 0
    two[1].close()


def test_many_tries_at_once_are_counted_one_by_one(people: SqlPeople, project: Project) -> None:
    stores, let_in = [SqlPeople(project) for _ in range(4)], []
    barrier = threading.Barrier(12)

    def attempt(number: int) -> None:
        barrier.wait()
        let_in.append(stores[number % 4].attempt("ada", NOON) == 0)

    threads = [threading.Thread(target=attempt, args=(each,)) for each in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in stores:
        each.close()
    assert sum(let_in) == FREE_TRIES


def test_wrong_passwords_are_forgotten_after_a_day(people: SqlPeople) -> None:
    for _ in range(FREE_TRIES):
        people.attempt("ada", NOON)
    assert people.attempt("ada", NOON) > 0
    for _ in range(FREE_TRIES):
        assert people.attempt("ada", NOON + 25 * HOUR) == 0


def test_a_postgresql_holds_people_too(project: Project, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCOUNTS_VARIABLE, create_database(postgres_server, f"people_{uuid.uuid4().hex[:8]}"))
    people = SqlPeople(project)
    people.create("ada", "h")
    people.create("ben", "h")
    text = people.begin("ben", NOON)
    assert people.session(text, NOON + HOUR).owner.name == "ben"
    assert [people.attempt("ben", NOON) for _ in range(FREE_TRIES + 1)] == [0] * FREE_TRIES + [1]
    assert people.remove("ben")["sessions"] == 1
    with pytest.raises(UsageError, match="nobody gets it again"):
        people.create("Ben", "h")
    people.close()


@pytest.mark.parametrize("password", ["short", "x" * 11, "a" * 40, "adalovelace1", " ADALOVELACE1", "x" * 1001])
def test_a_password_that_says_little_is_refused_and_never_repeated(password: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked_password("adalovelace1", password)
    assert password not in str(refused.value)
    assert checked_password("ada", "ﬁve words for a door") == "five words for a door"
