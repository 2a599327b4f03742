"""The model of stints through every step, on a tiny world: rows of sets, curves of survival, gates, card, registry, forecast, backtest."""

import numpy as np
import pytest

from pitwall.domain.errors import ForecastError
from pitwall.domain.keys import STINT
from pitwall.domain.params import parse_params
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.forecasting.render import document
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, registry, train

pytestmark = pytest.mark.slow

NAME = "stint_length-in_race"
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
        self.job = self.workspace.job("stint_length")
        self.ref = train.train(self.workspace, "stint_length")
        stands = judge.register(self.workspace, NAME)
        self.workspace.registry.set_alias(NAME, "champion", stands.version)
        self.candidate = judge.candidate(self.workspace, stands)


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("stints"), in_memory)


def test_frames_and_predictions_know_a_row_by_its_stint(world):
    own = by_estimator(load_predictions(world.job.target))["xgboost"]
    assert not world.job.frame().duplicated(list(STINT)).any()
    assert own.equals(own.sort_values(["season", "round", "driver_id", "stint"], ignore_index=True))
    rows, true = scored(template("stint_length"), own, world.tables), template("stint_length").label(world.tables)
    np.testing.assert_array_equal(rows["label"], [true[tuple(key)] for key in rows[list(STINT)].to_numpy()])
    assert set(rows["label"] > 0) == {True, False}


def test_gates_look_at_it_and_notice_planted_faults(world):
    """Leaks are looked for in every feature group by its own contract, and no clock is asked here."""
    verdicts = {name: run_gate(gate(name), world.candidate) for name in set(gates()) - {"leak_audit", "latency"}}
    assert not [each for found in verdicts.values() for each in found if "crashed" in each.reason]
    sure = ("complete_frame", "freshness", "refit_equal", "signature", "size")
    assert [each.reason for name in sure for each in verdicts[name] if not each.passed] == []
    assert {each.unit for each in verdicts["beats_baseline"]} == {"nats"}
    for name in ("beats_baseline", "calibration", "complete_frame", "refit_equal"):
        found = run_gate(gate(name), gate(name).fault(world.candidate))
        assert [verdict for verdict in found if not verdict.passed], name


def test_the_card_shows_how_many_last_how_long(world):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    for words in (
        "How long it lasts",
        "course_stint_length.png",
        "sets of tyres watched",
        "the end of the first lap on the set",
        "80 % interval covers",
    ):
        assert words in text


def test_a_forecast_is_of_the_newest_set_of_each_car_or_of_one_by_its_stint(world):
    made = forecast.forecast(world.workspace, "stint_length", "2023-02")
    stints = {row.keys["driver_id"]: row.keys["stint"] for row in made.made.rows}
    assert set(stints.values()) == {1, 2}
    assert made.made.estimator == "xgboost" and made.made.rows[0].why_groups
    for row in made.made.rows:
        lasts = np.array(row.detail["lasts"])
        assert (np.diff(lasts) <= 0).all() and 0 <= lasts[-1] <= lasts[0] <= 1
        assert row.detail["q10"] <= row.answers["stint_length"] <= row.detail["q90"]
    assert [each["steps"] for each in made.made.rows[0].detail["at_least"]] == [5, 10, 20, 30]
    assert "P(10 or more)" in to_markdown(document(made.made))
    assert read(made.path) == made.made
    first = forecast.forecast(world.workspace, "stint_length", "2023-02", forecast.WhatIf(stint=1))
    assert {row.keys["stint"] for row in first.made.rows} == {1}
    with pytest.raises(ForecastError, match="sets of tyres 1 to 2 to forecast; found --stint 7"):
        forecast.forecast(world.workspace, "stint_length", "2023-02", forecast.WhatIf(stint=7))


def test_a_backtest_scores_it_beside_its_rules(world):
    asked = ["stint_length"]
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, asked), [2023], asked)
    rows = backtest.run(world.workspace, plans, workers=0).result["rows"]
    for metric in ("log_loss", "ibs", "concordance", "coverage_error"):
        said = {row["model"] for row in rows if row["metric"] == metric and row["season"] == "all"}
        assert said >= {"xgboost", "hazard", "kaplan_meier", "compound_hazard", "circuit_hazard", "laps_left_hazard"}, (
            metric
        )
