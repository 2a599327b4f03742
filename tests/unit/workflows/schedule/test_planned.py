"""The runs that a calendar asks for: at which instants, in time for what, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pitwall.domain.params import Params, ScheduleParams
from pitwall.domain.tables import Tables
from pitwall.testing.schedule.calendar import calendar, weekend
from pitwall.workflows.schedule.planned import FULL, LIGHT, LOOK, PlannedRun, planned

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def of(*races: Mapping[str, object], params: Params | None = None, since: datetime = LONG_AGO) -> dict[str, PlannedRun]:
    return {run.name: run for run in planned(Tables({"races": calendar(*races)}), params or Params(), since)}


def test_a_weekend_has_six_runs_each_when_its_session_is_known() -> None:
    runs = of({})
    assert {name: run.at for name, run in runs.items()} == {
        "2024-07 after practice": at("2024-05-17T13:30Z"),
        "2024-07 before qualifying": at("2024-05-18T13:30Z"),
        "2024-07 after qualifying": at("2024-05-18T16:00Z"),
        "2024-07 after grid": at("2024-05-19T12:00Z"),
        "2024-07 after race": at("2024-05-19T18:00Z"),
        "2024-07 monitoring": at("2024-05-19T19:00Z"),
    }
    assert [run.flow for run in runs.values()] == [LIGHT, LIGHT, LIGHT, LIGHT, FULL, LOOK]
    assert not any(run.note for run in runs.values())


def test_every_forecast_begins_before_its_session() -> None:
    tight = {"practice_at": "2024-05-18T12:30Z"}  # known half an hour after qualifying begins
    runs = of(tight, {}, {"starts_at": "2024-05-18T15:30Z"})
    assert all(run.at < run.before for run in runs.values() if run.before is not None)
    assert runs["2024-07 after practice"].at == at("2024-05-18T13:30Z")
    assert "2024-07 before qualifying" not in runs  # it would be the same run
    assert runs["2024-07 after practice"].note == "begins before practice is known, to be in time for qualifying"
    assert runs["2024-09 after qualifying"].note == "begins before qualifying is known, to be in time for the race"


def test_how_much_before_is_a_parameter() -> None:
    params = Params(schedule=ScheduleParams(latest_before_session_h=2))
    run = of({}, params=params)["2024-07 after grid"]
    assert (run.at, bool(run.note)) == (at("2024-05-19T11:00Z"), True)


def test_past_runs_and_races_that_are_called_off_are_not_planned() -> None:
    runs = of({}, {"called_off": True}, since=at("2024-05-18T16:00Z"))
    assert list(runs) == ["2024-07 after grid", "2024-07 after race", "2024-07 monitoring"]


def test_the_calendar_that_is_known_last_counts() -> None:
    moved = {"race_id": 7, "round": 7, **weekend(at("2024-06-02T13:00Z")), "known_at": "2024-04-01T00:00Z"}
    assert of({}, moved)["2024-07 after race"].at == at("2024-06-02T18:00Z")


ZONES = [
    ("America/Los_Angeles", datetime(2023, 11, 18, 22, 0), "2023-11-19T06:00Z"),  # Las Vegas: the next day in UTC
    ("Australia/Melbourne", datetime(2024, 3, 24, 15, 0), "2024-03-24T04:00Z"),  # daylight saving in March
    ("Australia/Melbourne", datetime(2025, 4, 6, 15, 0), "2025-04-06T05:00Z"),  # the day on which it ends
    ("America/Sao_Paulo", datetime(2018, 11, 11, 15, 10), "2018-11-11T17:10Z"),  # with daylight saving
    ("America/Sao_Paulo", datetime(2023, 11, 5, 14, 0), "2023-11-05T17:00Z"),  # without, since 2019
    ("Europe/Rome", datetime(2024, 10, 27, 1, 30), "2024-10-26T23:30Z"),  # the night of the change, before it
    ("Europe/Rome", datetime(2024, 10, 27, 2, 30, fold=0), "2024-10-27T00:30Z"),  # 02:30, the first time
    ("Europe/Rome", datetime(2024, 10, 27, 2, 30, fold=1), "2024-10-27T01:30Z"),  # 02:30 again
]


@pytest.mark.parametrize(("zone", "local", "utc"), ZONES)
def test_a_run_follows_the_instant_of_its_session_wherever_that_is(zone: str, local: datetime, utc: str) -> None:
    start = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert start == at(utc)
    runs = of(weekend(start))
    assert runs["2024-07 after grid"].at == start - timedelta(hours=1)
    assert runs["2024-07 after race"].at == start + timedelta(hours=5)
    assert all(run.at.tzinfo is UTC for run in runs.values())
    assert all(run.at < run.before for run in runs.values() if run.before is not None)


def test_the_zone_of_the_weekly_line_moves_no_run_of_the_calendar() -> None:
    night = weekend(at("2024-10-26T23:30Z"))
    in_rome = Params(schedule=ScheduleParams(timezone="Europe/Rome"))
    assert of(night, params=in_rome) == of(night)
