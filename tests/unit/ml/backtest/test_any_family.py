"""A backtest of yes or no on race rows and of numbers on lap rows: which model, which stages, who takes part, what is scored."""

import json

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest.asked import asked_model, asked_stages
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.regret import with_truth
from pitwall.ml.backtest.rendering.markdown import summary_columns, summary_table
from pitwall.ml.backtest.rendering.page import document
from pitwall.ml.backtest.result import Floor, payload
from pitwall.ml.backtest.scores import score
from pitwall.ml.evaluation.importance import permuted_frames
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.models import model
from pitwall.report.html import to_html
from pitwall.testing import FakeFeatureReader
from pitwall.testing.worlds.tiny import FIRST_SEASON, tiny_tables

QUICK = {
    "safety_car": ("pre_race", "overall_rate", ["circuit_rate", "driver_rate"]),
    "lap_time": ("in_race", "median_of_five", ["last_lap"]),
}
TABLES = tiny_tables(seasons=3, races=6, cars=4)


def tiny(root, name):
    """Return a project with the frame of one model, and parameters that name a rule as its estimator."""
    stage, estimator, _ = QUICK[name]
    settings = ModelParams(estimator=estimator, first_season=FIRST_SEASON, stages=(stage,))
    params = Params(models={name: settings}, gates={"bootstrap_draws": 50})
    project, definition = Project(root), model(name)
    save_tables(TABLES, project.tables)
    project.frames.mkdir(parents=True)
    spine = definition.kind.spine(TABLES, stage)
    FakeFeatureReader(TABLES).historical(spine, definition.feature_set).to_parquet(project.frame(f"{name}-{stage}"))
    return project, params


@pytest.fixture(scope="module", params=list(QUICK))
def made(request, tmp_path_factory):
    stage, _, only = QUICK[request.param]
    project, params = tiny(tmp_path_factory.mktemp("home"), request.param)
    plan = make_plan(project, params, stage, templates=[request.param], seasons=[FIRST_SEASON + 2], only=only)
    return score(with_truth(forecast_seasons(plan, workers=0)))


def test_rows_carry_the_metrics_of_the_template_and_nothing_of_the_order(made):
    plan = made.forecasts.plan
    (question,) = plan.templates
    metrics = {row["metric"] for row in made.rows if row["role"] == "ours"}
    assert metrics == {*question.metrics, plan.job.definition.answers.calibration.error}
    assert {row["template"] for row in made.rows} == {question.name}
    assert {row["role"] for row in made.rows} == {"ours", "baseline"}
    assert made.regret == []
    assert made.forecasts.truth is None


def test_every_predicted_row_keeps_its_key(made):
    kind = made.forecasts.plan.job.definition.kind
    own = made.forecasts.predictions.query("role == 'model'")
    assert set(kind.said) <= set(own.columns)
    assert not own.duplicated(list(kind.key)).any()
    if kind.name == "lap":
        assert own.duplicated(["race_id", "driver_id"]).any(), "a car has many laps"


def test_values_are_means_over_races_of_what_the_rows_say(made):
    plan = made.forecasts.plan
    (question,) = plan.templates
    rows = scored(question, made.forecasts.predictions.query("role == 'model'"), plan.tables)
    if question.loss == "mae":
        errors = (rows["q50"] - rows["label"]).abs()
    else:
        errors = (rows["probability"] - rows["label"].astype(float)) ** 2
    value = errors.groupby(rows["race_id"]).mean().mean()
    (row,) = [
        row
        for row in made.rows
        if (row["model"], row["metric"], row["season"]) == (plan.ours.name, question.loss, "all")
    ]
    assert row["value"] == pytest.approx(value)
    assert row["n"] == rows["race_id"].nunique()


def test_nobody_wins_by_a_coverage_and_calibration_is_told_as_the_family_does(made):
    family = made.forecasts.plan.job.definition.answers
    assert {row["metric"] for row in made.calibration} == {family.calibration.few_unit}
    assert family.calibration.few_unit in {"slope", "coverage"}
    paired = {row["metric"] for row in made.paired}
    assert made.forecasts.plan.templates[0].loss in paired
    assert not [name for name in paired if name.startswith("coverage")]
    assert all("gain_value" not in row for row in made.slices if row["metric"].startswith("coverage"))


def test_who_cannot_answer_about_such_rows_is_left_out_and_it_is_said(made):
    plan = made.forecasts.plan
    if plan.job.model == "safety_car":
        assert "driver_rate" in plan.skipped
        assert "needs driver_id" in plan.skipped["driver_rate"]
    assert {entrant.name for entrant in plan.entrants} >= {plan.templates[0].baseline_at(plan.stage)}


def test_page_table_and_payload_speak_of_its_rows(made):
    plan, result = made.forecasts.plan, payload([made], commit="c0ffee", seconds=1.0)
    json.dumps(result)
    head = summary_table(result["rows"]).splitlines()[0]
    assert all(metric in head for metric in plan.templates[0].metrics)
    page = to_html(document([made], result))
    drawn = page.split("<h1>", 1)[1]
    assert plan.templates[0].question in drawn
    assert " cars" not in drawn
    assert "P(place)" not in drawn


def test_the_short_table_of_the_order_has_columns_of_its_own():
    assert list(summary_columns("order")) == [
        "winner log loss",
        "winner hit",
        "podium Brier",
        "points overlap",
        "Spearman",
    ]
    assert summary_columns("lap_time")["mae"] == ("lap_time", "mae")


def test_the_model_follows_from_the_questions():
    params = Params(models={"order": ModelParams(), "dnf": ModelParams(stages=("pre_weekend",))})
    assert asked_model(params) == "order"
    assert asked_model(params, ["podium", "race_winner"]) == "order"
    assert asked_model(params, ["dnf"]) == "dnf"
    assert asked_stages(params, "dnf", ["dnf"]) == ["pre_weekend"], "as params.yaml lists it"
    assert asked_stages(params, "safety_car") == ["pre_race"], "as it is trained where nobody lists it"


def test_questions_of_two_models_are_refused_with_what_to_do():
    with pytest.raises(UsageError, match="lists no model"):
        asked_model(Params(models={}))
    with pytest.raises(UsageError, match=r"one model: order answers podium; dnf answers dnf.*a command of its own"):
        asked_model(Params(), ["podium", "dnf"])


def test_a_question_that_is_asked_at_no_trained_stage_is_refused():
    params = Params(models={"safety_car": ModelParams(stages=("pre_weekend",))})
    with pytest.raises(UsageError, match=r"safety_car is asked at pre_race, and safety_car is trained at pre_weekend"):
        asked_stages(params, "safety_car", ["safety_car"])


def test_where_a_race_is_one_row_the_races_of_the_season_swap():
    frame = model("safety_car").kind.spine(TABLES, "pre_race").assign(rate=lambda rows: np.arange(len(rows)) / 100)
    shuffled = permuted_frames(frame, {"rates": ("rate",)}, seed=1)["rates"]
    assert not shuffled["rate"].equals(frame["rate"])
    assert sorted(shuffled["rate"]) == sorted(frame["rate"])


def test_a_floor_of_a_coverage_is_how_far_from_right_it_may_be():
    row = {"stage": "in_race", "template": "lap_time", "metric": "coverage_80", "model": "m", "low": 0.0, "high": 1.0}
    floor = Floor(None, "lap_time", "coverage_80", 0.75)
    assert floor.complaint({**row, "value": 0.84}) is None
    assert "below the floor" in floor.complaint({**row, "value": 0.70})
    assert "above the floor" in floor.complaint({**row, "value": 0.90})
