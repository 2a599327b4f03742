"""Forecasts within a race in the track record: a few, while the race is on, scored beside the answer to beat when it is over."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from pitwall.domain.clock import replaying
from pitwall.domain.project import Project
from pitwall.domain.records.live_rows import BASELINE, MODEL
from pitwall.domain.tables import save_tables
from pitwall.ml.data.calendar import run_races
from pitwall.ml.forecasting.record.summary import lines, sums
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.live.watched import watched
from pitwall.testing.worlds.forecasts import NEXT, PARAMS
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.live.entering import NOBODY, REPLAY, Entering
from pitwall.workflows.record import look
from pitwall.workflows.record.score import score
from pitwall.workflows.workspace import Workspace

TABLES = tiny_tables(seasons=4, races=6, cars=8, upcoming=0)
BEFORE = tiny_tables(seasons=4, races=6, cars=8, upcoming=3)
ASKED = ("race_winner_live", "podium_live")
WHO = dict.fromkeys(ASKED, "model version 3, content 0a1b2c3d")


def classified(held):
    """The drivers of a race that was run, the winner first."""
    return TABLES["results"].query("race_id == @held.race_id").sort_values("place")["driver_id"]


def answers(race=NEXT, laps=52):
    """Answers about a race of the tiny world: the answer to beat says the same of every car."""
    (held,) = [each for each in run_races(TABLES) if each.label == race]
    drivers = classified(held).tolist()
    for answer in watched(race, laps=laps, start=held.cutoffs["pre_race"].to_pydatetime(), source="openf1"):
        number = len(answer.cars)
        flat = {"race_winner_live" + BASELINE: 1 / number, "podium_live" + BASELINE: 3 / number}
        cars = (
            replace(car, driver_id=drivers[car.driver_id - 1], answers={**car.answers, **flat}) for car in answer.cars
        )
        yield replace(answer, cars=tuple(cars), provenance=WHO)


@pytest.fixture
def workspace(tmp_path):
    """A project whose last race is to come."""
    save_tables(BEFORE, Project(tmp_path).tables)
    return Workspace(Project(tmp_path), params=PARAMS, registry=FakeRegistry())


def entered(workspace, told, late_s=20):
    """Enter answers as if each was said some seconds after its instant."""
    entering = Entering(workspace)
    for answer in told:
        with replaying((answer.instant + timedelta(seconds=late_s)).isoformat()):
            entering.see(answer)
    return entering


def test_four_are_entered_once_and_scored_beside_what_they_have_to_beat(workspace):
    told = list(answers())
    made = entered(workspace, told)
    assert [(row["share"], row["lap"]) for row in made.rows] == [(0.0, 0), (0.25, 13), (0.5, 26), (0.75, 39)]
    assert all(row["in_time"] and row["model"] == MODEL and row["version"] == 3 for row in made.rows)
    assert entered(workspace, told).rows == [], "a watcher that begins again adds none"
    assert {line.question for line in lines(workspace.record.rows())[:2]} == {f"{name} at 0 %" for name in ASKED}

    assert not [row for row in score(workspace).rows if row["kind"] == "score"], "the race is to come"
    save_tables(TABLES, workspace.project.tables)
    scored = [row for row in score(workspace).rows if row["kind"] == "score"]
    assert len(scored) == 4 and score(workspace).rows == ()
    (held,) = [each for each in run_races(TABLES) if each.label == NEXT]
    winner = int(classified(held).iloc[0])
    (chance,) = [car.answers["race_winner_live"] for car in told[13].cars if car.driver_id == winner]
    loss = scored[1]["scores"]["race_winner_live"]
    assert loss["ours"]["log_loss"] == pytest.approx(-math.log(chance), abs=1e-4)
    assert loss["baseline"]["log_loss"] == pytest.approx(math.log(6), abs=1e-4)
    (half,) = [each for each in sums(lines(workspace.record.rows())) if each.question == "race_winner_live at 50 %"]
    assert (half.races, half.waiting, half.model) == (1, 0, MODEL)
    assert look.verify(workspace).breaks == ()


def test_a_replay_enters_nothing_and_says_so(workspace):
    made = entered(workspace, answers(), late_s=86_400)
    assert made.why_not == REPLAY and workspace.record.rows() == []


def test_a_rule_enters_nothing_and_says_so(workspace):
    made = entered(workspace, (replace(each, provenance=dict.fromkeys(ASKED, "baseline x")) for each in answers()))
    assert made.why_not == NOBODY and workspace.record.rows() == []


def test_what_is_withheld_and_who_joins_late_enters_only_what_is_due(workspace):
    told = [each for each in answers() if each.lap >= 20]
    made = entered(workspace, [replace(each, withheld=each.lap == 26) for each in told])
    assert [(row["share"], row["lap"]) for row in made.rows] == [(0.5, 27), (0.75, 39)]


def test_a_row_that_was_written_when_the_race_was_over_is_not_scored(workspace):
    (held,) = [each for each in run_races(TABLES) if each.label == NEXT]
    won = TABLES["results"].query("race_id == @held.race_id and place == 1")["seconds"].item()
    over = held.cutoffs["pre_race"].to_pydatetime() + timedelta(seconds=won + 30)
    last = [replace(each, instant=over - timedelta(seconds=60)) for each in answers() if each.lap == 39]
    assert len(entered(workspace, last, late_s=90).rows) == 1
    save_tables(TABLES, workspace.project.tables)
    made = score(workspace)
    assert not [row for row in made.rows if row["kind"] == "score"]
    assert "when the race was over" in made.left_out[0]


def test_a_row_that_is_edited_is_found(workspace):
    entered(workspace, answers())
    path = workspace.project.mlruns / "forecasts.jsonl"
    path.write_text(path.read_text().replace('"lap":26', '"lap":27', 1))
    assert look.verify(workspace).breaks
