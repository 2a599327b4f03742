"""The market on a real SQLite file and a real PostgreSQL, by several stores at once."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.adapters.hub.market import SqlMarket
from pitwall.domain.access.sharing import Badge, SharedVersion
from pitwall.domain.errors import AccountsError
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.fakes.postgres import create_database

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
FAST = SharedVersion("f" * 64, "fast", 1, "a" * 64, "ada", "/shared/fast-1.pitwall.zip")
THREADS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        monkeypatch.setenv(ACCOUNTS_VARIABLE, create_database(server, f"market_{uuid.uuid4().hex[:8]}"))
    return Project(tmp_path)


def test_a_version_is_entered_once_and_says_whose_it_is(project: Project) -> None:
    market = SqlMarket(project)
    for _ in range(2):
        market.enter(FAST, NOON)
    market.enter(SharedVersion("e" * 64, "fast", 1, "b" * 64), NOON)  # a stranger's of the same name
    assert market.shared_by("ada") == [FAST]
    assert [each.signer for each in market.shared_by("")] == ["b" * 64]
    market.close()


def test_downloads_are_counted_from_an_instant_on(project: Project) -> None:
    market = SqlMarket(project)
    market.enter(FAST, NOON)
    for at in (NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=1)):
        market.took(FAST.bundle, "bob", at)
    assert market.downloads() == {FAST.bundle: 3}
    assert market.downloads(NOON + timedelta(microseconds=1)) == {FAST.bundle: 2}
    market.close()


def test_a_badge_is_the_newest(project: Project) -> None:
    market = SqlMarket(project)
    market.enter(FAST, NOON)
    for outcome in ("bit-equal", "different"):
        market.award(Badge(FAST.bundle, outcome, "said", "theirs", "ours", "code", "data"), "bob", NOON)
    (badge,) = market.badges().values()
    assert (badge.outcome, badge.said, badge.at) == ("different", "said", "2026-03-08T12:00:00.000000+00:00")
    market.close()


def test_many_at_once_leave_one_rating_of_each_owner(project: Project) -> None:
    stores = [SqlMarket(project) for _ in range(THREADS)]
    stores[0].enter(FAST, NOON)
    ready = threading.Barrier(THREADS)

    def rate(number: int) -> None:
        ready.wait()
        stores[number].rate(FAST.bundle, "bob" if number % 2 else "cid", 1 + number % 5, NOON)

    threads = [threading.Thread(target=rate, args=(number,)) for number in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(stores[0].ratings()[FAST.bundle]) == ["bob", "cid"]
    for store in stores:
        store.close()


def test_the_database_itself_refuses_what_is_no_rating_and_what_was_never_entered(project: Project) -> None:
    market = SqlMarket(project)
    market.enter(FAST, NOON)
    for bundle, stars in ((FAST.bundle, 6), ("0" * 64, 5)):
        with pytest.raises(AccountsError):
            market.rate(bundle, "bob", stars, NOON)
    assert market.ratings() == {}
    market.close()
