"""What a server's runs become when the calendar moves and when runs were missed, with a server that is a list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.testing.schedule.calendar import calendar, weekend
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.workflows.schedule import agenda
from pitwall.workflows.schedule.missed import Done
from pitwall.workflows.schedule.planned import FULL, LIGHT
from pitwall.workflows.workspace import Workspace

BEFORE = datetime(2024, 5, 15, tzinfo=UTC)
SATURDAY = datetime(2024, 5, 18, 18, tzinfo=UTC)  # practice and qualifying are over
MONDAY = datetime(2024, 5, 20, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project with the calendar of one usual weekend, 2024-07."""
    made = Workspace(Project(tmp_path), params=Params())
    publish(made, {})
    return made


@pytest.fixture
def runs(workspace: Workspace) -> FakeRuns:
    """The runs of a server on which that weekend is planned."""
    made = FakeRuns()
    agenda.follow(workspace, made, BEFORE)
    return made


def publish(workspace: Workspace, *races: Mapping[str, Any]) -> None:
    save_tables({"races": calendar(*races)}, workspace.project.tables)


def states(runs: FakeRuns) -> dict[str, str]:
    return {run.name: run.state for run in runs.all}


def test_planning_twice_plans_once(workspace: Workspace, runs: FakeRuns) -> None:
    again = agenda.follow(workspace, runs, BEFORE)
    assert (len(again.to_come), again.added, again.removed, len(runs.all)) == (6, 0, 0, 6)


def test_a_race_that_moves_leaves_nothing_behind(workspace: Workspace, runs: FakeRuns) -> None:
    publish(workspace, weekend(datetime(2024, 6, 2, 13, tzinfo=UTC)))
    moved = agenda.follow(workspace, runs, BEFORE)
    assert (moved.added, moved.removed) == (6, 6)
    assert {(run.name, run.due) for run in runs.all} == {(run.name, run.at) for run in moved.to_come}
    publish(workspace, {"called_off": True})
    assert agenda.follow(workspace, runs, BEFORE).removed == 6
    assert not runs.all


def test_what_others_planned_is_left_alone(workspace: Workspace, runs: FakeRuns) -> None:
    runs.weekly(MONDAY)
    runs.plan(FULL, "by hand", MONDAY, "")
    publish(workspace, {"called_off": True})
    agenda.follow(workspace, runs, BEFORE)
    assert [run.key for run in runs.all] == ["", ""]


def test_without_a_calendar_nothing_is_planned(tmp_path: Path) -> None:
    assert agenda.follow(Workspace(Project(tmp_path), params=Params()), FakeRuns(), BEFORE).to_come == ()


def test_missed_sessions_become_one_run_that_is_still_in_time(workspace: Workspace, runs: FakeRuns) -> None:
    assert agenda.make_up(workspace, runs, SATURDAY) == ("2024-07 after qualifying",)
    assert states(runs) == {
        "2024-07 after practice": "CANCELLED",
        "2024-07 before qualifying": "CANCELLED",
        "2024-07 after qualifying": "CANCELLED",
        "2024-07 after grid": "SCHEDULED",
        "2024-07 after race": "SCHEDULED",
        "2024-07 monitoring": "SCHEDULED",
        "2024-07 after qualifying, made up for": "SCHEDULED",
    }
    assert runs.all[-1].due == SATURDAY
    assert "made" in runs.why["2024-07 after practice"]


def test_after_the_race_only_the_long_run_and_the_look_are_made_up_for(workspace: Workspace, runs: FakeRuns) -> None:
    runs.weekly(datetime(2024, 5, 19, 10, tzinfo=UTC))
    assert agenda.make_up(workspace, runs, MONDAY) == ("2024-07 after race", "2024-07 monitoring")
    again = [run.name for run in runs.all if run.state == "SCHEDULED"]
    assert again == ["2024-07 after race, made up for", "2024-07 monitoring, made up for"]


def test_the_quick_run_is_due_before_the_long_one(workspace: Workspace, runs: FakeRuns) -> None:
    runs.weekly(datetime(2024, 5, 12, 10, tzinfo=UTC))
    assert agenda.make_up(workspace, runs, SATURDAY) == ("2024-07 after qualifying", "the weekly run")
    quick, long = runs.all[-2:]
    assert (quick.flow, long.flow) == (LIGHT, FULL)
    assert SATURDAY <= quick.due < long.due


def test_a_run_that_was_cut_off_is_closed_and_made_up_for(workspace: Workspace, runs: FakeRuns) -> None:
    race, look = runs.all[-2:]
    runs.change(look, "COMPLETED", MONDAY - timedelta(hours=5))
    runs.change(race, "RUNNING", MONDAY - timedelta(hours=6))
    assert agenda.make_up(workspace, runs, MONDAY) == ("2024-07 after race",)
    assert states(runs)["2024-07 after race"] == "CRASHED"
    runs.change(runs.all[-1], "CRASHED", MONDAY)  # cut off again: made up for again, as what it was planned for
    assert agenda.make_up(workspace, runs, MONDAY + timedelta(hours=1)) == ("2024-07 after race",)
    runs.change(runs.all[-1], "COMPLETED", MONDAY + timedelta(hours=1))
    assert agenda.make_up(workspace, runs, MONDAY + timedelta(hours=2)) == ()


def test_what_left_the_calendar_is_not_made_up_for(workspace: Workspace, runs: FakeRuns) -> None:
    publish(workspace, {"called_off": True})
    assert agenda.make_up(workspace, runs, MONDAY) == ()
    assert set(states(runs).values()) == {"CANCELLED"}


def test_a_long_run_covers_all_late_ones_and_a_quick_one_the_quick(workspace: Workspace, runs: FakeRuns) -> None:
    runs.weekly(BEFORE + timedelta(hours=1))
    assert agenda.drop_covered(runs, Done(LIGHT, SATURDAY)) == 3
    assert agenda.drop_covered(runs, Done(FULL, SATURDAY)) == 1
    assert agenda.drop_covered(runs, Done(FULL, MONDAY)) == 2
