"""Jobs of a day on a real SQLite file and a real PostgreSQL: at the last free one exactly one of many wins, whoever is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.adapters.accounts import schema
from pitwall.adapters.accounts.database import Database
from pitwall.adapters.accounts.store import SqlAccounts
from pitwall.domain.access.words import LOCAL, Deployment, Tier
from pitwall.domain.errors import NotAllowed, QuotaExceeded, UnknownName
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE, accounts_address
from pitwall.testing.fakes.postgres import create_database

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
DAY = NOON.date()
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    return Project(tmp_path)


@pytest.fixture
def accounts(project: Project):
    opened = SqlAccounts(project)
    opened.create("ada", ["read"])  # free: 5 jobs a day, 3 deployed
    yield opened
    opened.close()


def test_five_jobs_a_day_are_free_and_the_sixth_says_when_to_come_again(accounts: SqlAccounts) -> None:
    assert [accounts.reserve("ada", f"key {n}", NOON) for n in range(5)] == [True] * 5
    with pytest.raises(
        QuotaExceeded, match=r"5 jobs of ada on 2026-03-08.*at most 5 a day.*2026-03-09 00:00 UTC"
    ) as no:
        accounts.reserve("ada", "key 5", NOON)
    assert (no.value.exit_code, no.value.seconds) == (4, 12 * 3600)
    assert accounts.reserve("ada", "key 3", NOON) is False, "the same key is the same job"
    assert accounts.jobs_on("ada", DAY) == 5
    assert accounts.reserve("ada", "key 5", NOON + timedelta(hours=12)), "a new day"
    accounts.release("ada", "key 0")
    assert accounts.reserve("ada", "key 6", NOON)
    accounts.create("ben", ["read"], "pro")
    assert all(accounts.reserve("ben", f"key {n}", NOON) for n in range(20)), (
        "without a limit, and keys are each owner's"
    )
    assert accounts.reserve(LOCAL, "here", NOON)
    assert accounts.tier_of(LOCAL) == Tier(LOCAL, gpu=True)
    with pytest.raises(UnknownName, match="unknown owner 'cy'"):
        accounts.reserve("cy", "key", NOON)


def test_what_came_of_a_share_is_noted(accounts: SqlAccounts) -> None:
    accounts.reserve("ada", "one", NOON)
    accounts.reserve("ada", "two", NOON + timedelta(seconds=1))
    accounts.came_of("ada", "one", "a flow run")
    assert [(each.key, each.taken, each.job) for each in accounts.shares("ada")] == [
        ("one", NOON, "a flow run"),
        ("two", NOON + timedelta(seconds=1), ""),
    ]


def test_the_fourth_model_is_refused_with_what_to_do_and_nothing_is_taken(accounts: SqlAccounts) -> None:
    accounts.set_tier(Tier("free", deployed=3))
    for name in "abc":
        accounts.reserve("ada", name, NOON, model=f"{name}-pre_race")
    with pytest.raises(
        QuotaExceeded, match=r"3 deployed models of ada: a-pre_race, b-pre_race, c-pre_race.*deploy under"
    ):
        accounts.reserve("ada", "d", NOON, model="d-pre_race")
    assert accounts.jobs_on("ada", DAY) == 3, "both or none"
    assert accounts.reserve("ada", "again", NOON, model="b-pre_race"), "a name of theirs is no further model"
    seen = accounts.deployments("ada")[0]
    accounts.count(seen, counts=False)
    assert accounts.reserve("ada", "d", NOON, model="d-pre_race")
    accounts.count(Deployment("b-pre_race", "ada", "b", counts=True), counts=False)
    assert [each.counts for each in accounts.deployments("ada")] == [False, True, True, True], "taken anew meanwhile"


def test_a_name_stays_its_owners(accounts: SqlAccounts) -> None:
    accounts.create("ben", ["read"])
    accounts.reserve("ada", "one", NOON, model="mine-pre_race")
    with pytest.raises(NotAllowed, match="taken by another owner"):
        accounts.reserve("ben", "one", NOON, model="mine-pre_race")
    assert accounts.jobs_on("ben", DAY) == 0
    assert accounts.reserve("ben", "one", NOON, model="mine-pre_race", of="ada"), "an admin, for its owner"
    assert [(each.owner, each.counts) for each in accounts.deployments()] == [("ada", True)]


def test_who_is_forgotten_is_forgotten_with_their_shares(accounts: SqlAccounts, project: Project) -> None:
    accounts.create("ben", ["read"])
    accounts.reserve("ben", "one", NOON, model="b-pre_race")
    with accounts._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM tokens WHERE owner = 'ben'")
        connection.exec_driver_sql("DELETE FROM owners WHERE name = 'ben'")
    assert accounts.shares("ben") == []
    assert accounts.deployments() == []


def submit(root: Path, names: list[str], start, won) -> None:
    """Ask for one job per name, each in a thread of its own, all at once."""
    accounts = SqlAccounts(Project(root))
    start.wait(60)

    def ask(name: str) -> None:
        try:
            won.put((name, accounts.reserve("ada", name, NOON)))
        except QuotaExceeded:
            won.put((name, None))

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    accounts.close()


def winners(project: Project) -> list[str]:
    """Let 20 submits of 4 processes meet at the last free job of the day, and return who got it."""
    accounts = SqlAccounts(project)
    accounts.create("ada", ["read"])
    for name in range(4):
        accounts.reserve("ada", f"earlier {name}", NOON)
    start, won = SPAWN.Barrier(4), SPAWN.Queue()
    names = [[f"{process}-{thread}" for thread in range(5)] for process in range(4)]
    workers = [SPAWN.Process(target=submit, args=(project.root, each, start, won)) for each in names]
    for each in workers:
        each.start()
    told = [won.get(timeout=120) for _ in range(20)]
    for each in workers:
        each.join()
    assert accounts.jobs_on("ada", DAY) == 5
    accounts.close()
    assert {got for _, got in told} == {True, None}
    return [name for name, got in told if got]


def test_of_twenty_submits_at_the_last_free_job_exactly_one_wins(project: Project) -> None:
    assert len(winners(project)) == 1


def test_so_it_is_in_a_postgresql(project: Project, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ACCOUNTS_VARIABLE, create_database(postgres_server, f"shares_{uuid.uuid4().hex[:8]}"))
    assert len(winners(project)) == 1


def take_and_hang(root: Path, taken) -> None:
    """Take a job, begin to take another, and stay there until somebody kills this process."""
    accounts = SqlAccounts(Project(root))
    accounts.reserve("ada", "whole", NOON)
    with accounts._database.write() as connection:
        row = {"owner": "ada", "key": "half", "day": DAY.isoformat(), "taken": NOON.isoformat(), "job": ""}
        connection.execute(schema.shares.insert().values(**row))
        taken.set()
        threading.Event().wait(60)


def test_a_kill_leaves_what_was_taken_and_nothing_by_half(accounts: SqlAccounts, project: Project) -> None:
    taken = SPAWN.Event()
    worker = SPAWN.Process(target=take_and_hang, args=(project.root, taken))
    worker.start()
    assert taken.wait(60)
    os.kill(worker.pid or 0, signal.SIGKILL)
    worker.join()
    assert [each.key for each in accounts.shares("ada")] == ["whole"]
    assert accounts.reserve("ada", "next", NOON), "nobody holds the database any more"


def test_an_older_database_gets_the_limits_and_keeps_what_was_set(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = accounts_address(project)
    assert address.path is not None
    address.path.parent.mkdir()
    with sqlite3.connect(address.path) as old:
        for statement in schema.MIGRATIONS[0]:
            old.execute(statement)
        old.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        old.execute("INSERT INTO schema_version VALUES (1)")
        old.execute("INSERT INTO tiers VALUES ('free', 6, 2, 3), ('local', NULL, NULL, NULL), ('club', 1, 1, 1)")
    old.close()
    accounts = SqlAccounts(project)
    assert {each.name: each for each in accounts.tiers()} == {
        "free": Tier("free", 6, 2, 3, 5, 1, 100, 3),
        "pro": Tier("pro", 600, 100, 50_000, None, 8, 5_000, None, True),
        "club": Tier("club", 1, 1, 1),
        LOCAL: Tier(LOCAL, gpu=True),
    }
    accounts.close()
    Database(address).close()
