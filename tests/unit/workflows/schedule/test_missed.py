"""What is made up for after a time without a worker: little, and nothing that comes too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pitwall.workflows.schedule.missed import Done, missed
from pitwall.workflows.schedule.planned import FULL, LIGHT, LOOK, PlannedRun

NOON = datetime(2024, 5, 19, 12, tzinfo=UTC)


def hour(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def light(at: float, before: float) -> PlannedRun:
    return PlannedRun(f"light {at}", LIGHT, hour(at), hour(before))


def full(at: float) -> PlannedRun:
    return PlannedRun(f"full {at}", FULL, hour(at))


def look(at: float) -> PlannedRun:
    return PlannedRun(f"look {at}", LOOK, hour(at))


def test_late_runs_of_one_flow_become_the_newest_of_them() -> None:
    assert missed([full(-200), full(-30), full(-100)], [], NOON) == [full(-30)]
    assert missed([light(-20, 1), light(-1, 1)], [], NOON) == [light(-1, 1)]


def test_the_quick_run_that_is_still_in_time_comes_before_the_long_one() -> None:
    assert missed([full(-30), light(-1, 1)], [], NOON) == [light(-1, 1), full(-30)]


def test_what_comes_too_late_is_left_to_the_record() -> None:
    assert missed([light(-5, 0), light(-3, -1)], [], NOON) == []


def test_what_is_not_due_is_left_alone() -> None:
    assert missed([full(1), light(0.1, 1)], [], NOON) == []
    assert missed([full(0)], [], NOON) == [full(0)]


def test_a_later_run_has_done_the_work_of_an_earlier_one() -> None:
    late = [full(-30), light(-2, 1)]
    assert missed(late, [Done(FULL, hour(-1))], NOON) == []
    assert missed(late, [Done(LIGHT, hour(-1))], NOON) == [full(-30)]
    assert missed(late, [Done(FULL, hour(-3))], NOON) == [light(-2, 1)]
    assert missed(late, [Done(FULL, hour(-31))], NOON) == [light(-2, 1), full(-30)]


def test_a_look_is_made_up_for_once_at_the_end_and_no_other_flow_does_its_work() -> None:
    late = [look(-200), look(-1), full(-30)]
    assert missed(late, [], NOON) == [full(-30), look(-1)]
    assert missed(late, [Done(FULL, hour(0))], NOON) == [look(-1)]
    assert missed(late, [Done(LOOK, hour(0))], NOON) == [full(-30)]
