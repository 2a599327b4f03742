"""The limit per minute: never more than the burst and what has flowed back, never less, and nothing kept of who is full again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.domain.access.rate_limit import FEW_KEYS, RateLimit

PAUSES = st.lists(st.floats(0, 30), min_size=1, max_size=80)


@given(st.integers(1, 6000), st.integers(1, 50), PAUSES)
def test_in_no_span_of_time_more_than_the_burst_and_what_flows_back_goes(per_minute, burst, pauses):
    limit, now, went = RateLimit(per_minute, burst), 0.0, []
    for pause in pauses:
        now += pause
        if limit.take("ada", now) == 0:
            went.append(now)
    for first in range(len(went)):
        for last in range(first, len(went)):
            assert last - first + 1 <= burst + (went[last] - went[first]) * per_minute / 60 + 1e-6


@given(st.integers(1, 6000), st.integers(1, 50), PAUSES)
def test_who_waits_as_told_may_go_and_no_sooner(per_minute, burst, pauses):
    limit, now = RateLimit(per_minute, burst), 0.0
    for pause in pauses:
        now += pause
        wait = limit.take("ada", now)
        assert 0 <= wait <= 60 / per_minute + 1e-6
        if wait > 1e-3:
            assert limit.take("ada", now + wait * 0.99 - 1e-6) > 0, (
                "a refused request costs nothing, and the wait is not too long"
            )
            now += wait
            assert limit.take("ada", now) == 0


@given(st.integers(1, 50))
def test_a_key_that_has_not_asked_has_its_whole_burst(burst):
    limit = RateLimit(60, burst)
    assert [limit.take("ada", 5.0) for _ in range(burst)] == [0.0] * burst
    assert limit.take("ada", 5.0) == pytest.approx(1.0)
    assert limit.take("ben", 5.0) == 0, "keys do not take from each other"


def test_keys_that_are_full_again_are_forgotten():
    limit = RateLimit(per_minute=60, burst=2)
    for n in range(20 * FEW_KEYS):
        limit.take(str(n), now=n / 100)  # a hundred new keys a second, each full after one
    assert len(limit) <= FEW_KEYS + 1


def test_where_nobody_is_full_again_the_number_of_keys_is_bounded_and_the_busiest_stay_known():
    limit = RateLimit(per_minute=1, burst=2, most_keys=2000)
    limit.take("busy", 0.0)
    limit.take("busy", 0.0)
    for n in range(10_000):
        limit.take(str(n), 0.0)
    assert len(limit) <= 2001
    assert limit.take("busy", 0.0) > 0
