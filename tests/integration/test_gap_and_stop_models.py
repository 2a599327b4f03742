"""The gap in five laps through every step on a tiny world, as a number that starts from a feature; stops within three laps are trained beside it."""

import json

import numpy as np
import pytest

from pitwall.domain.keys import LAP
from pitwall.domain.params import parse_params
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.registry.approvals import Approval
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import forecast, judge, promote, registry, train

pytestmark = pytest.mark.slow

NAMES = ("gap_in_5-in_race", "pit_within-in_race")
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 1, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 100, "latency_ms": 10_000.0, "min_races": 2},
    }
)


class World:
    """A project whose params.yaml lists neither model, with both trained."""

    def __init__(self, root, in_memory):
        self.tables = tiny_tables(seasons=3, races=3, cars=4)
        self.workspace = in_memory(root, self.tables, PARAMS)
        self.refs = {name: train.train(self.workspace, name) for name in NAMES}
        self.metrics = {name: self.workspace.tracker.runs[ref.run_id].metrics for name, ref in self.refs.items()}

    def job(self, name):
        return self.workspace.job(name)


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("gaps"), in_memory)


@pytest.fixture(scope="module")
def decided(world):
    return promote.judge_and_promote(world.workspace, NAMES[0], Approval())


def test_every_lap_that_is_asked_about_is_answered_and_scored(world):
    for name in NAMES:
        job, own = world.job(name), by_estimator(load_predictions(world.job(name).target))
        frame = job.frame()
        asked = set(map(tuple, frame.loc[frame["season"] == 2023, list(LAP)].to_numpy()))
        assert all(set(map(tuple, rows[list(LAP)].to_numpy())) <= asked for rows in own.values())
        assert not own["xgboost"].duplicated(list(LAP)).any()
    gap, stops = (world.metrics[name] for name in NAMES)
    assert {"gap_in_5.mae", "gap_in_5.crps", "gap_in_5.gain.gap_at_pace_5.low"} <= set(gap)
    assert {"pit_within.brier", "pit_within.f1_optimal", "pit_within.gain.tyre_age_rate.low"} <= set(stops)
    assert 0 < stops["pit_within.f1_optimal"] <= 1


def test_the_gap_is_learned_beside_what_it_starts_from(world):
    saved = next((world.job(NAMES[0]).target / "model").rglob("estimator.json"))
    assert json.loads(saved.read_text(encoding="utf-8"))["line"]["start"] == "gap_five_laps"


def test_every_gate_has_looked(decided):
    by_gate = {verdict.gate: verdict for verdict in decided.verdicts}
    assert set(by_gate) == set(gates())
    sure = ("complete_frame", "card_present", "freshness", "leak_audit", "refit_equal", "signature", "size")
    assert [name for name in sure if not by_gate[name].passed] == []
    assert not [verdict for verdict in decided.verdicts if "crashed" in verdict.reason]


def test_planted_faults_are_noticed(world, decided):
    good = judge.candidate(world.workspace, judge.register(world.workspace, NAMES[0]))
    for asked in ("beats_baseline", "complete_frame", "refit_equal"):
        found = run_gate(gate(asked), gate(asked).fault(good))
        assert [verdict for verdict in found if not verdict.passed], asked


def test_cards_ask_the_question(world):
    questions = (
        "How far behind the leader will the car be in five laps?",
        "Does the car come into the pits within three laps?",
    )
    for name, question in zip(NAMES, questions, strict=True):
        text = to_markdown(registry.card(world.workspace, f"{name}@{world.refs[name].version}"))
        assert question in text
        assert "the end of the lap before" in text


def test_a_forecast_of_a_lap_has_a_gap_for_every_car_that_ended_the_one_before(world, decided):
    made = forecast.forecast(world.workspace, "gap_in_5", "2023-02", forecast.WhatIf(lap=5)).made
    races, laps = world.tables["races"], world.tables["laps"]
    race = races.loc[(races["season"] == 2023) & (races["round"] == 2), "race_id"].iloc[0]
    drove = laps.loc[(laps["race_id"] == race) & (laps["lap"] == 4) & laps["completed"], "driver_id"]
    assert {row.keys["driver_id"] for row in made.rows} == set(drove)
    assert np.isfinite([row.answers["gap_in_5"] for row in made.rows]).all()
