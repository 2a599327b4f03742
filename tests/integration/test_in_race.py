"""The models of a race under way through every step, on a tiny world: rows at laps of the leader, gates, card, registry, forecast, backtest."""

import pytest

from pitwall.domain.keys import LAP
from pitwall.domain.params import parse_params
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, registry, train

pytestmark = pytest.mark.slow

NAME = "in_race-in_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 1, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 100, "latency_ms": 10_000.0, "min_races": 2},
    }
)


class World:
    """A project whose params.yaml does not list the model, with stores in memory."""

    def __init__(self, root, in_memory):
        self.tables = tiny_tables(seasons=3, races=3, cars=6)
        self.workspace = in_memory(root, self.tables, PARAMS)
        self.job = self.workspace.job("race_winner_live")
        self.ref = train.train(self.workspace, "race_winner_live")
        stands = judge.register(self.workspace, NAME)
        self.workspace.registry.set_alias(NAME, "champion", stands.version)
        self.candidate = judge.candidate(self.workspace, stands)


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("in_race"), in_memory)


def test_one_car_wins_and_three_stand_on_the_podium_at_every_lap(world):
    own = by_estimator(load_predictions(world.job.target))["staged_logit"]
    assert not own.duplicated(list(LAP)).any() and own["lap"].min() == 0
    laps = own.groupby(["race_id", "lap"])
    assert laps["win"].sum().sub(1).abs().max() < 1e-6
    assert laps["podium"].sum().sub(3).abs().max() < 1e-6
    assert (own["podium"] >= own["win"]).all()
    for name, places in (("race_winner_live", 1), ("podium_live", 3)):
        true = scored(template(name), own, world.tables).groupby(["race_id", "lap"])["label"].sum()
        assert set(true) == {places}


def test_gates_look_at_it_and_notice_planted_faults(world):
    verdicts = {name: run_gate(gate(name), world.candidate) for name in set(gates()) - {"leak_audit", "latency"}}
    assert not [each for found in verdicts.values() for each in found if "crashed" in each.reason]
    sure = ("freshness", "refit_equal", "signature", "size")
    assert [each.reason for name in sure for each in verdicts[name] if not each.passed] == []
    assert {each.unit for each in verdicts["beats_baseline"]} == {"nats", "brier"}
    for name in ("beats_baseline", "calibration", "refit_equal"):
        found = run_gate(gate(name), gate(name).fault(world.candidate))
        assert [verdict for verdict in found if not verdict.passed], name


def test_the_card_says_when_it_is_asked(world):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    for words in ("the end of a lap of the leader", "race_winner_live", "podium_live", "standing_frequency"):
        assert words in text


def test_a_forecast_is_of_all_cars_at_a_lap(world):
    made = forecast.forecast(world.workspace, "race_winner_live", "2023-02", forecast.WhatIf(lap=3))
    assert {row.keys["lap"] for row in made.made.rows} == {3} and len(made.made.rows) == 6
    assert sum(row.answers["race_winner_live"] for row in made.made.rows) == pytest.approx(1)
    assert sum(row.answers["podium_live"] for row in made.made.rows) == pytest.approx(3)
    assert read(made.path) == made.made
    newest = forecast.forecast(world.workspace, "race_winner_live", "2023-02")
    assert len(newest.made.rows) == 6


def test_a_backtest_scores_it_beside_its_rules(world):
    asked = ["race_winner_live", "podium_live"]
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, asked), [2023], asked)
    rows = backtest.run(world.workspace, plans, workers=0).result["rows"]
    for name, metric in (("race_winner_live", "log_loss"), ("podium_live", "brier")):
        said = {row["model"] for row in rows if row["template"] == name and row["metric"] == metric}
        assert said >= {"staged_logit", "standing_frequency", "grid_kept"}


@pytest.fixture(scope="module")
def track(tmp_path_factory, in_memory):
    workspace = in_memory(tmp_path_factory.mktemp("track"), tiny_tables(seasons=3, races=3, cars=6), PARAMS)
    train.train(workspace, "safety_car_soon")
    stands = judge.register(workspace, "safety_car_soon-in_race")
    workspace.registry.set_alias("safety_car_soon-in_race", "champion", stands.version)
    return workspace, workspace.job("safety_car_soon")


def test_a_safety_car_is_asked_about_at_every_lap_of_the_leader(track):
    workspace, job = track
    assert not job.frame().duplicated(["race_id", "lap"]).any()
    made = forecast.forecast(workspace, "safety_car_soon", "2023-02", forecast.WhatIf(lap=3))
    (row,) = made.made.rows
    assert row.keys == {"lap": 3} and 0 < row.answers["safety_car_soon"] < 1
