"""The model of lap times through every step, on a tiny world: frame, tuning, judging, gates, card, registry, forecast, backtest."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import ForecastError, StageError, UnknownName, UsageError
from pitwall.domain.keys import LAP
from pitwall.domain.params import parse_params
from pitwall.domain.project import Project
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.evaluation.scoring import metric_of, scored
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.models import model
from pitwall.ml.models.machinery.names import trained_names
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, promote, registry, train
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "lap_time-in_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 200, "latency_ms": 10_000.0, "min_races": 2},
    }
)


class World:
    """A project whose params.yaml does not list the model, with tables of laps and stores in memory."""

    def __init__(self, root, in_memory):
        self.tables = tiny_tables(seasons=4, races=4, cars=6)
        self.workspace = in_memory(root, self.tables, PARAMS)
        self.tracker, self.registry = self.workspace.tracker, self.workspace.registry
        self.job = self.workspace.job("lap_time")
        self.ref = train.train(self.workspace, "lap_time")

    @property
    def predictions(self):
        return load_predictions(self.job.target)


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("laps"), in_memory)


@pytest.fixture(scope="module")
def decided(world):
    return promote.judge_and_promote(world.workspace, NAME, Approval())


def test_a_model_that_is_not_listed_gets_its_frame_from_its_training_and_leaves_those_of_dvc_alone(world):
    assert world.job.frame_path == world.workspace.project.unlisted_frame(NAME)
    assert not world.workspace.project.frames.exists()
    frame = world.job.frame()
    assert not frame.duplicated(list(LAP)).any()
    assert (frame["laps_completed"] == frame["lap"] - 1).all()


def test_what_was_not_trained_says_how_its_frame_is_made(tmp_path):
    elsewhere = Workspace(Project(tmp_path), params=PARAMS)
    with pytest.raises(StageError, match=f"pitwall train {NAME}"):
        elsewhere.job(NAME).frame()


def test_a_model_that_is_listed_reads_the_frame_that_dvc_keeps(tmp_path):
    listed = PARAMS.model_copy(update={"models": {**PARAMS.models, "lap_time": model("lap_time").settings}})
    job = Workspace(Project(tmp_path), params=listed).job(NAME)
    assert job.frame_path == job.project.frame(NAME)
    with pytest.raises(StageError, match="dvc repro frames"):
        job.frame()


def test_a_label_is_a_number_and_the_loss_one_of_the_family(world):
    rows = scored(template("lap_time"), by_estimator(world.predictions)["xgboost"], world.tables)
    laps = world.tables["laps"].set_index(list(LAP))["seconds"]
    assert rows["label"].dtype == np.float64
    assert rows["label"].nunique() > 50
    own = laps.loc[pd.MultiIndex.from_frame(rows[list(LAP)])].to_numpy()
    np.testing.assert_array_equal(rows["label"], own)
    run = world.tracker.runs[world.ref.run_id]
    off = (rows["q50"] - rows["label"]).abs()
    assert run.metrics["lap_time.mae"] == pytest.approx(off.groupby(rows["race_id"]).mean().mean())
    assert {"lap_time.crps", "lap_time.coverage_80", "lap_time.gain.last_lap.low"} <= set(run.metrics)
    with pytest.raises(UnknownName, match="metric of the regression family"):
        metric_of(template("lap_time"), "log_loss")


def test_predictions_keep_their_lap_and_so_does_what_counts_openings(world):
    own = by_estimator(world.predictions)["xgboost"]
    frame, labels = world.job.frame(), template("lap_time").label(world.tables).dropna()
    told = frame["race_id"].isin(labels.index.get_level_values("race_id"))  # a wet race has no green lap
    asked = frame[told & frame["season"].isin(own["season"])]
    assert set(map(tuple, own[list(LAP)].to_numpy())) == set(map(tuple, asked[list(LAP)].to_numpy()))
    assert not own.duplicated(list(LAP)).any()
    assert own.duplicated(["race_id", "driver_id"]).any()
    assert holdout_log.count(world.workspace.project, NAME, own) == 1
    moved = own.assign(lap=own["lap"] + 1)
    assert holdout_log.fingerprint(moved, world.job.definition) != holdout_log.fingerprint(own, world.job.definition)


def test_the_seasons_are_those_whose_laps_are_known(world):
    facts = world.job.target.joinpath("model", "recipe.json").read_text(encoding="utf-8")
    recipe = json.loads(facts)["facts"]
    labels = template("lap_time").label(world.tables).dropna()
    races = set(labels.index.get_level_values("race_id"))
    seasons = set(world.tables["races"].query("race_id in @races")["season"])
    assert {*recipe["held_out_seasons"], *recipe["validation_seasons"]} <= seasons
    assert recipe["races"] == len(races)


def test_the_input_example_is_what_is_asked_at_once(world):
    example = world.registry.examples[NAME, world.ref.version]
    assert len(example) < 6
    assert example["lap"].max() == world.job.frame().query(f"race_id == {example['race_id'].iloc[0]}")["lap"].max()


def test_every_gate_has_looked_and_the_ones_that_count_cars_pass_by(decided):
    by_gate = {verdict.gate: verdict for verdict in decided.verdicts}
    assert set(by_gate) == set(gates())
    assert not [verdict for verdict in decided.verdicts if "crashed" in verdict.reason]
    assert "these are of lap" in by_gate["retirement_share"].reason
    sure = ("complete_frame", "card_present", "freshness", "latency", "leak_audit", "refit_equal", "signature", "size")
    assert [name for name in sure if not by_gate[name].passed] == []
    assert by_gate["beats_baseline"].unit == "s"
    assert " laps" in by_gate["calibration"].reason


def test_planted_faults_are_noticed_on_laps_too(world, decided):
    good = judge.candidate(world.workspace, judge.register(world.workspace, NAME))
    for name in ("beats_baseline", "complete_frame", "refit_equal"):
        found = run_gate(gate(name), gate(name).fault(good))
        assert [verdict for verdict in found if not verdict.passed], name


def test_the_card_speaks_of_laps_and_numbers(world, decided):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    assert "80 % interval covers" in text
    assert "the end of the lap before" in text
    assert "How long does the next lap take?" in text
    for word in ("finishing place", " slope", " cars "):
        assert word not in text


def test_the_registry_lists_compares_and_verifies_it(world, decided):
    listed = registry.list_versions(world.workspace, "lap_time")
    assert [each.version for each in listed] == [1, 2]
    versions = [world.registry.get(NAME, number) for number in (2, 1)]
    rows = registry.compare_versions(world.workspace, "lap_time", versions)
    assert {row.metric for row in rows} >= {"mae", "crps", "coverage_80"}
    assert not world.workspace.history.verify()
    assert NAME in trained_names(PARAMS, world.workspace.project)


def test_a_forecast_of_a_lap_has_a_row_per_car_that_ended_the_one_before(world, decided):
    race = world.tables["races"].query("season == 2024 and round == 2")["race_id"].iloc[0]
    made = forecast.forecast(world.workspace, "lap_time", "2024-02", forecast.WhatIf(lap=5))
    drove = world.tables["laps"].query(f"race_id == {race} and lap == 4 and completed")["driver_id"]
    assert {row.keys["driver_id"] for row in made.made.rows} == set(drove)
    assert {row.keys["lap"] for row in made.made.rows} == {5}
    assert all(row.detail["q05"] <= row.answers["lap_time"] + 5 for row in made.made.rows)
    assert read(made.path) == made.made
    with pytest.raises(ForecastError, match="--lap 999"):
        forecast.forecast(world.workspace, "lap_time", "2024-02", forecast.WhatIf(lap=999))


def test_a_backtest_of_its_question_scores_it_beside_its_rules(world):
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, ["lap_time"]), [2024], ["lap_time"])
    done = backtest.run(world.workspace, plans, workers=0)
    rows = {(row["model"], row["metric"]): row for row in done.result["rows"] if row["season"] == "all"}
    assert {name for name, _ in rows} >= {"xgboost", "linear", "last_lap", "median_of_five"}
    assert (
        rows["xgboost", "mae"]["n"]
        == by_estimator(world.predictions)["xgboost"].query("season == 2024")["race_id"].nunique()
    )
    with pytest.raises(UsageError, match="a backtest is of one model"):
        backtest.plans(world.workspace, ["pre_race"], [2024], ["lap_time", "podium"])
