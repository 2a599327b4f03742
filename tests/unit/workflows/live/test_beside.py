"""The rule to beat is asked beside a champion, at the same laps and from the same rows, under a name of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pitwall.domain import clock
from pitwall.domain.params import Params
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.live.openf1_api import OpenF1Api
from pitwall.testing.live.project import live_project
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.site import Site
from pitwall.workflows.live import panel
from pitwall.workflows.live.entering import Entering
from pitwall.workflows.live.watch import prepare, watch
from pitwall.workflows.record.score import score
from pitwall.workflows.workspace import Workspace

RACE, MODEL = "2022-02", "in_race"
TOOLS = {"params": Params(), "registry": FakeRegistry()}
QUESTIONS = {"race_winner_live", "podium_live"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    with Workspace(live_project(tmp_path_factory.mktemp("live"), models=(MODEL,)), **TOOLS) as opened:
        yield opened


def crowned(workspace, patch):
    """Let the rule itself be champion, so that both must say the same."""
    rule = panel._rule

    def champion(job, race, _found):
        return replace(rule(job, panel.EarlierLaps(workspace, race)), provenance="model version 4, content 0a1b2c3d")

    patch.setattr(panel, "_champion", champion)


def test_both_answer_every_lap_and_each_is_named(workspace, monkeypatch):
    crowned(workspace, monkeypatch)
    told = list(watch(workspace, race=RACE, models=(MODEL,), beside=(MODEL,)))
    assert set(told[-1].provenance) == {*QUESTIONS, *(f"{name}.baseline" for name in QUESTIONS)}
    assert told[-1].provenance["podium_live.baseline"].startswith("baseline ")
    laps = [answer for answer in told if not answer.notes]
    assert len(laps) > 4
    for car in (car for answer in laps for car in answer.cars):
        assert {car.answers[name] == car.answers[f"{name}.baseline"] for name in QUESTIONS} == {True}


def test_nobody_stands_beside_where_nobody_asked_or_the_rule_answers_itself(workspace, monkeypatch):
    assert set(next(watch(workspace, race=RACE, models=(MODEL,), beside=(MODEL,))).provenance) == QUESTIONS
    crowned(workspace, monkeypatch)
    assert set(next(watch(workspace, race=RACE, models=(MODEL,))).provenance) == QUESTIONS


def test_a_race_that_is_polled_is_entered_with_the_rule_beside_and_scored_alike(workspace, monkeypatch, tmp_path):
    crowned(workspace, monkeypatch)
    prepared = prepare(workspace, RACE, (MODEL,))
    shared = SharedClock(tmp_path / "clock", prepared.race.race.starts_at.timestamp() + 100.0)
    options = {"wait": shared.sleep, "now": shared.now, "poll_s": 40.0}
    entering = Entering(workspace)
    with Site(OpenF1Api(prepared.race, prepared.told, shared.now)) as site:
        asked = {"race": RACE, "models": (MODEL,), "beside": (MODEL,), "location": site.url, "options": options}
        for answer in watch(workspace, source="openf1", **asked):
            monkeypatch.setattr(clock, "wall", lambda said=answer.instant: said + timedelta(seconds=20))
            entering.see(answer)
    (row,) = entering.rows  # the tiny race is over long before a quarter of the laps that it is expected to have
    assert (row["share"], row["source"], row["version"], row["in_time"]) == (0.0, "openf1", 4, True)
    assert "replayed" not in row and row["said"] == row["baseline"]
    assert sum(row["said"]["race_winner_live"].values()) == pytest.approx(1)
    (scored,) = [each for each in score(workspace).rows if each["kind"] == "score"]
    for name in QUESTIONS:
        assert scored["scores"][name]["ours"] == scored["scores"][name]["baseline"]
