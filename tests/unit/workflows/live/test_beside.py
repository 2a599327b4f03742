"""The rule to beat is asked beside a champion, at the same laps and from the same rows, under a name of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitwall.domain.params import Params
from pitwall.testing.live.project import live_project
from pitwall.workflows.live import panel
from pitwall.workflows.live.watch import watch
from pitwall.workflows.workspace import Workspace

RACE, MODEL = "2022-04", "in_race"
QUESTIONS = {"race_winner_live", "podium_live"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Workspace(live_project(tmp_path_factory.mktemp("live"), models=(MODEL,)), params=Params()) as opened:
        yield opened


def crowned(workspace, patch):
    """Let the rule itself be champion, so that both must say the same."""
    rule = panel._rule

    def champion(job, race, _found):
        return replace(rule(job, panel._Data(workspace, race)), provenance="model version 4, content 0a1b2c3d")

    patch.setattr(panel, "_champion", champion)


def test_both_answer_every_lap_and_each_is_named(workspace, monkeypatch):
    crowned(workspace, monkeypatch)
    told = list(watch(workspace, race=RACE, models=(MODEL,), beside=(MODEL,)))
    assert set(told[-1].provenance) == {*QUESTIONS, *(f"{name}.baseline" for name in QUESTIONS)}
    assert told[-1].provenance["podium_live.baseline"].startswith("baseline ")
    laps = [answer for answer in told if not answer.notes]
    assert len(laps) > 10
    for car in (car for answer in laps for car in answer.cars):
        assert {car.answers[name] == car.answers[f"{name}.baseline"] for name in QUESTIONS} == {True}


def test_nobody_stands_beside_where_nobody_asked_or_the_rule_answers_itself(workspace, monkeypatch):
    assert set(next(watch(workspace, race=RACE, models=(MODEL,), beside=(MODEL,))).provenance) == QUESTIONS
    crowned(workspace, monkeypatch)
    assert set(next(watch(workspace, race=RACE, models=(MODEL,))).provenance) == QUESTIONS
