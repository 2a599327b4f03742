"""The model of tyres through every step, on a tiny world: rows of compounds, curves, gates, card, registry, forecast, backtest."""

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.keys import RACE_COMPOUND
from pitwall.domain.params import parse_params
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, promote, registry, train

pytestmark = pytest.mark.slow

NAME = "tyre_degradation-pre_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "tuning": {"trials": 2, "startup_trials": 1},
        "gates": {"bootstrap_draws": 200, "latency_ms": 10_000.0, "min_races": 2},
    }
)


class World:
    """A project whose params.yaml does not list the model, with stores in memory; the last race is still to come."""

    def __init__(self, root, in_memory):
        self.tables = tiny_tables(seasons=4, races=5, cars=12, upcoming=1)
        self.workspace = in_memory(root, self.tables, PARAMS)
        self.job = self.workspace.job("tyre_degradation")
        self.ref = train.train(self.workspace, "tyre_degradation")

    @property
    def own(self):
        return by_estimator(load_predictions(self.job.target))["ridge"]


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("tyres"), in_memory)


@pytest.fixture(scope="module")
def decided(world):
    return promote.judge_and_promote(world.workspace, NAME, Approval())


def test_frames_and_predictions_know_a_row_by_race_and_compound(world):
    frame, own = world.job.frame(), world.own
    assert not frame.duplicated(list(RACE_COMPOUND)).any()
    assert own[["season", "round", "compound_id"]].equals(
        own[["season", "round", "compound_id"]].sort_values(["season", "round", "compound_id"])
    )
    rows = scored(template("tyre_degradation"), own, world.tables)
    true = template("tyre_degradation").label(world.tables)
    np.testing.assert_array_equal(rows["label"], [true[tuple(key)] for key in rows[list(RACE_COMPOUND)].to_numpy()])
    assert {2} < set(own["compound_id"]) and set(rows["compound_id"]) == {2}  # the tiny world shows medium tyres only


def test_every_gate_has_looked(decided):
    by_gate = {verdict.gate: verdict for verdict in decided.verdicts}
    assert set(by_gate) == set(gates())
    assert not [verdict for verdict in decided.verdicts if "crashed" in verdict.reason]
    sure = ("complete_frame", "card_present", "freshness", "latency", "leak_audit", "refit_equal", "signature", "size")
    assert {name: by_gate[name].reason for name in sure if not by_gate[name].passed} == {}
    assert by_gate["beats_baseline"].unit == "s/lap"


def test_planted_faults_are_noticed_on_compounds_too(world, decided):
    good = judge.candidate(world.workspace, judge.register(world.workspace, NAME))
    for name in ("beats_baseline", "complete_frame", "leak_audit", "refit_equal"):
        found = run_gate(gate(name), gate(name).fault(good))
        assert [verdict for verdict in found if not verdict.passed], name


def test_the_card_speaks_of_tyres(world, decided):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    for words in ("80 % interval covers", "How much slower does each lap", "straight line", "compounds"):
        assert words in text
    assert "finishing place" not in text


def test_a_forecast_has_a_curve_for_each_compound_of_a_race_to_come(world, decided):
    made = forecast.forecast(world.workspace, "tyre_degradation")
    assert made.made.race == "2024-05"
    assert {row.label: row.keys["compound_id"] for row in made.made.rows} == {"soft": 1, "medium": 2, "hard": 3}
    for row in made.made.rows:
        curve, slope = row.detail["curve"], row.answers["tyre_degradation"]
        np.testing.assert_allclose(curve["value"], slope * np.array(curve["at"]), atol=1e-4)
        assert curve["low"][-1] <= curve["value"][-1] <= curve["high"][-1]
        assert row.detail["q10"] <= slope <= row.detail["q90"]
    assert read(made.path) == made.made
    with pytest.raises(UsageError, match="--lap says nothing"):
        forecast.forecast(world.workspace, "tyre_degradation", "2024-04", forecast.WhatIf(lap=5))


def test_a_backtest_scores_it_beside_its_rules(world):
    asked = ["tyre_degradation"]
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, asked), [2023], asked)
    rows = backtest.run(world.workspace, plans, workers=0).result["rows"]
    said = {row["model"] for row in rows if row["metric"] == "mae" and row["season"] == "all"}
    assert said >= {"ridge", "xgboost", "compound_median", "circuit_compound_median"}
