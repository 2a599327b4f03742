"""Slices of the quota: exact over all workers, few questions to the database, and what is said while it gives no answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import cast

import pytest

from pitwall.domain.access.quota_leases import PATIENCE_S, QuotaLeases
from pitwall.domain.access.words import Holder, Tier
from pitwall.domain.errors import AccountsAway
from pitwall.domain.ports import Accounts

DAY, NOON = date(2026, 3, 8), datetime(2026, 3, 8, 12, tzinfo=UTC)


class Quotas:
    """The part of `Accounts` that slices are taken from, for one owner: it counts its calls and can be away."""

    def __init__(self, per_day: int) -> None:
        self.per_day, self.used, self.calls, self.away = per_day, Counter[date](), 0, False

    def lease(self, owner: str, day: date, wanted: int) -> int:
        self.calls += 1
        if self.away:
            raise AccountsAway("locked")
        granted = min(wanted, self.per_day - self.used[day])
        self.used[day] += granted
        return granted

    def give_back(self, owner: str, day: date, unused: int) -> None:
        if self.away:
            raise AccountsAway("locked")
        self.used[day] -= unused


class Clock:
    """Seconds that go on when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def holder(per_day: int | None) -> Holder:
    return Holder("ada", frozenset({"read"}), Tier("free", requests_per_day=per_day), "0123456789ab")


def leases(quotas: Quotas, clock: Clock) -> QuotaLeases:
    return QuotaLeases(cast(Accounts, quotas), clock)


def test_threads_of_several_workers_are_granted_the_quota_and_no_more(clock: Clock) -> None:
    quotas = Quotas(1000)
    workers = [leases(quotas, clock) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(lambda n: workers[n % 3].take(holder(1000), NOON), range(3000)))
    assert said == {"granted": 1000, "used_up": 2000}
    assert quotas.calls <= 100 + 3, "ten at a time, and one refusal a worker"


def test_a_tier_without_a_quota_asks_nobody(clock: Clock) -> None:
    quotas = Quotas(0)
    assert leases(quotas, clock).take(holder(None), NOON) == "granted"
    assert quotas.calls == 0


def test_while_the_database_is_locked_the_slice_is_used_and_then_nothing_is_known(clock: Clock) -> None:
    quotas = Quotas(1000)
    mine = leases(quotas, clock)
    mine.take(holder(1000), NOON)
    quotas.away = True
    assert [mine.take(holder(1000), NOON) for _ in range(11)] == ["granted"] * 9 + ["unknown"] * 2
    assert quotas.calls == 2, "who has just been told nothing does not ask again at once"
    quotas.away, clock.now = False, PATIENCE_S
    assert mine.take(holder(1000), NOON) == "granted"


def test_a_used_up_quota_is_asked_for_again_after_a_while(clock: Clock) -> None:
    quotas = Quotas(1)
    mine = leases(quotas, clock)
    assert [mine.take(holder(1), NOON) for _ in range(50)] == ["granted"] + ["used_up"] * 49
    assert quotas.calls == 2
    quotas.per_day, clock.now = 2, PATIENCE_S  # the tier was raised
    assert mine.take(holder(2), NOON) == "granted"


def test_a_new_day_has_a_quota_of_its_own(clock: Clock) -> None:
    quotas = Quotas(1)
    mine = leases(quotas, clock)
    evening, night = datetime(2026, 3, 8, 23, 59, tzinfo=UTC), datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
    assert [mine.take(holder(1), at) for at in (evening, evening, night)] == ["granted", "used_up", "granted"]


def test_what_was_not_used_is_given_back_at_the_end(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    quotas = Quotas(1000)
    mine = leases(quotas, clock)
    mine.take(holder(1000), NOON)
    mine.close()
    assert quotas.used[DAY] == 1
    mine.take(holder(1000), NOON)
    quotas.away = True
    mine.close()
    assert "9 requests of ada count as used" in caplog.text
