"""The token buckets: a limit holds in every window, across restarts, damaged files and clocks that are put back."""

from pathlib import Path

import pytest

from pitwall.sources.machinery.web.pace import Limit, Pace
from pitwall.testing.sites.clocks import SharedClock

LIMITS = [Limit(4, 1.0), Limit(40, 3600.0)]


def asked(pace: Pace, clock: SharedClock, times: int) -> list[float]:
    instants = []
    for _ in range(times):
        pace.take()
        instants.append(clock.now())
    return instants


def most(instants: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in instants) for start in instants)


def test_every_window_keeps_the_limit(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    pace = Pace(tmp_path / "pace.json", LIMITS, clock.now, clock.sleep)
    instants = asked(pace, clock, 30)
    clock.sleep(10 * 3600)  # a long pause fills the buckets, and no more than fills them
    instants += asked(pace, clock, 90)
    assert most(instants, 3600) <= 40 and most(instants, 1.0) <= 4
    assert most(instants, 3600) > 36, "the limit is used"
    assert pace.waited > 3600


def test_a_restart_fills_no_bucket(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    instants = []
    for _ in range(90):
        instants += asked(Pace(tmp_path / "pace.json", LIMITS, clock.now, clock.sleep), clock, 1)
    assert most(instants, 3600) <= 40
    forgetful = []
    for turn in range(90):
        forgetful += asked(Pace(tmp_path / f"{turn}.json", LIMITS, clock.now, clock.sleep), clock, 1)
    assert most(forgetful, 3600) > 40, "without the file the limit would be broken"


@pytest.mark.parametrize("damage", ["", "[]", '{"at": 1}', '{"at": 1, "levels": [9, NaN]}', '{"at": 1, "levels": [1]}'])
def test_a_damaged_file_means_empty_buckets(damage: str, tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    (tmp_path / "pace.json").write_text(damage)
    before = clock.now()
    asked(Pace(tmp_path / "pace.json", LIMITS, clock.now, clock.sleep), clock, 1)
    assert clock.now() - before > 3600 / 40 / 2


def test_a_clock_that_was_put_back_gives_nothing(tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    pace = Pace(tmp_path / "pace.json", LIMITS, clock.now, clock.sleep)
    asked(pace, clock, 12)
    clock.sleep(-7200)
    before = clock.now()
    asked(pace, clock, 3)
    assert clock.now() - before > 100


@pytest.mark.parametrize("requests", [1, 2, 3, 4, 200, 500])
def test_capacity_and_rate_add_up_to_the_limit(requests: int) -> None:
    limit = Limit(requests, 60.0)
    assert limit.capacity >= 1
    assert limit.capacity + limit.rate * limit.seconds <= max(requests, 1.5)
