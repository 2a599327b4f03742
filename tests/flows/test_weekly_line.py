"""The weekly line of params.yaml is read in its time zone: an hour is the local one before and after the clocks change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.client.schemas.schedules import CronSchedule
from prefect.schedules import Cron

from flows.deployments import deployment_of
from flows.forecast_weekend import forecast_weekend
from flows.race_weekend import race_weekend
from pitwall.domain.project import Project

SUNDAYS_AT_TEN = "0 10 * * 0"
CHANGES = [
    ("Europe/Rome", "2024-03-24", ["09:00", "08:00", "08:00"]),  # race Sundays around the last one of March
    ("Europe/Rome", "2024-10-20", ["08:00", "09:00", "09:00"]),
    ("Australia/Melbourne", "2025-03-30", ["23:00", "00:00", "00:00"]),  # in UTC the evening before, then midnight
    ("America/Sao_Paulo", "2024-10-20", ["13:00", "13:00", "13:00"]),  # no daylight saving since 2019
    ("UTC", "2024-03-24", ["10:00", "10:00", "10:00"]),
]


def weekly(zone: str, since: datetime, line: str = SUNDAYS_AT_TEN) -> list[datetime]:
    """Return the next three instants at which the deployed flow is due."""
    deployment = deployment_of(race_weekend, Project(Path("/somewhere")), Cron(line, timezone=zone))
    (made,) = deployment.schedules or []
    assert isinstance(made.schedule, CronSchedule)
    from prefect.server.schemas.schedules import CronSchedule as OfServer  # the server computes the instants

    due = asyncio.run(OfServer(**made.schedule.model_dump()).get_dates(3, since))
    return [datetime.fromtimestamp(each.timestamp(), UTC) for each in due]


@pytest.mark.parametrize(("zone", "first", "hours"), CHANGES)
def test_ten_oclock_is_ten_oclock_on_both_sides_of_the_change(zone: str, first: str, hours: list[str]) -> None:
    day = datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert [f"{each:%H:%M}" for each in weekly(zone, day - timedelta(hours=2))] == hours


def test_an_hour_that_comes_twice_is_used_once_and_one_that_is_left_out_is_not_lost() -> None:
    october = weekly("Europe/Rome", datetime(2024, 10, 26, 12, tzinfo=UTC), "30 2 * * *")
    assert [f"{each:%d %H:%M}" for each in october] == ["27 00:30", "28 01:30", "29 01:30"]
    march = weekly("Europe/Rome", datetime(2024, 3, 30, 12, tzinfo=UTC), "30 2 * * *")
    assert [f"{each:%d %H:%M}" for each in march] == ["31 00:30", "01 00:30", "02 00:30"]


def test_only_the_long_flow_has_a_weekly_line_and_entrypoints_are_modules() -> None:
    light = deployment_of(forecast_weekend, Project(Path("/somewhere")), None)
    assert not light.schedules
    assert light.entrypoint == "flows.forecast_weekend.forecast_weekend"
    assert light.job_variables == {"working_dir": "/somewhere"}
