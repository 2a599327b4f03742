"""Questions with classes through every step, on a tiny world: frame, tuning, judging, gates, card, registry, forecast, backtest."""

import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from pitwall.domain.params import parse_params
from pitwall.domain.racing.first_stops import CLASSES
from pitwall.domain.records.stored_forecasts import STRATEGY
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.forecasting.answers import read
from pitwall.ml.forecasting.render import document, print_forecast, write_picture
from pitwall.ml.gates import gate, gates, run_gate
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import template
from pitwall.report.content.markdown import to_markdown
from pitwall.report.html import to_html
from pitwall.testing.worlds.forecasts import crown
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import backtest, forecast, judge, promote, registry, train

pytestmark = pytest.mark.slow

NAME = "pit_window-pre_race"
PARAMS = parse_params(
    {
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 200, "latency_ms": 10_000.0, "min_races": 2},
    }
)


def tables_with_windows():
    """Return a tiny world in which cars stop in every part of the race, those with even ids later."""
    tables = tiny_tables(seasons=4, races=4, cars=6)
    stops, distance = tables["pit_stops"], tables["results"].groupby("race_id")["laps"].max()
    share = np.random.default_rng(3).uniform(0.05, 0.5, len(stops)) + 0.25 * (stops["driver_id"] % 2 == 0)
    laps = (share * stops["race_id"].map(distance)).round().clip(lower=1).astype("int64")
    return tables.replace(pit_stops=stops.assign(lap=laps))


class World:
    """A project whose params.yaml lists neither model, with stores in memory."""

    def __init__(self, root, in_memory):
        self.tables = tables_with_windows()
        self.workspace = in_memory(root, self.tables, PARAMS)
        self.tracker, self.registry = self.workspace.tracker, self.workspace.registry
        self.job = self.workspace.job("pit_window")
        self.ref = train.train(self.workspace, "pit_window")

    @property
    def predictions(self):
        return load_predictions(self.job.target)


@pytest.fixture(scope="module")
def world(tmp_path_factory, in_memory):
    return World(tmp_path_factory.mktemp("windows"), in_memory)


@pytest.fixture(scope="module")
def decided(world):
    return promote.judge_and_promote(world.workspace, NAME, Approval())


def test_a_label_is_a_class_in_the_order_of_the_question_and_the_file_keeps_that_order(world):
    assert [name for name in world.predictions if name.startswith("p_")] == [f"p_{name}" for name in CLASSES]
    rows = scored(template("pit_window"), by_estimator(world.predictions)["catboost"], world.tables)
    assert rows["label"].cat.categories.tolist() == list(CLASSES)
    assert rows["label"].cat.ordered
    assert rows["label"].nunique() == 3
    true = template("pit_window").label(world.tables)
    own = true.reindex(pd.MultiIndex.from_frame(rows[["race_id", "driver_id"]]))
    assert rows["label"].tolist() == own.tolist()
    run = world.tracker.runs[world.ref.run_id]
    said = rows[[f"p_{name}" for name in CLASSES]].to_numpy()[range(len(rows)), rows["label"].cat.codes]
    loss = pd.Series(-np.log(said)).groupby(rows["race_id"].to_numpy()).mean().mean()
    assert run.metrics["pit_window.log_loss"] == pytest.approx(loss)
    assert {"pit_window.rps", "pit_window.macro_f1", "pit_window.gain.start_tyre_rate.low"} <= set(run.metrics)


def test_a_training_draws_which_class_was_said_where_which_came_true(world):
    assert "confusion_pit_window.png" in {path.name for path in world.job.target.rglob("*.png")} | {
        str(name).rsplit("/", 1)[-1] for name in world.tracker.runs[world.ref.run_id].files
    }


def test_every_gate_has_looked_at_classes(decided):
    by_gate = {verdict.gate: verdict for verdict in decided.verdicts}
    assert set(by_gate) == set(gates())
    assert not [verdict for verdict in decided.verdicts if "crashed" in verdict.reason]
    sure = ("complete_frame", "card_present", "freshness", "latency", "leak_audit", "refit_equal", "signature", "size")
    assert [name for name in sure if not by_gate[name].passed] == []
    assert by_gate["beats_baseline"].unit == "nats"


def test_planted_faults_are_noticed_on_classes_too(world, decided):
    good = judge.candidate(world.workspace, judge.register(world.workspace, NAME))
    for name in ("beats_baseline", "complete_frame", "refit_equal"):
        found = run_gate(gate(name), gate(name).fault(good))
        assert [verdict for verdict in found if not verdict.passed], name


def test_the_card_shows_the_confusion_of_classes(world, decided):
    text = to_markdown(registry.card(world.workspace, f"{NAME}@{world.ref.version}"))
    assert "confusion_pit_window.png" in text
    assert "When does the car make its first stop?" in text


def test_a_forecast_names_the_likeliest_class_and_the_chance_of_each(world, decided, tmp_path):
    made = forecast.forecast(world.workspace, "pit_window", "2024-02", forecast.WhatIf())
    for row in made.made.rows:
        chances = {each["class"]: each["chance"] for each in row.detail["chances"]}
        assert list(chances) == list(CLASSES)
        assert sum(chances.values()) == pytest.approx(1.0, abs=1e-5)
        assert CLASSES[int(row.answers["pit_window"])] == max(chances, key=chances.get) == row.detail["likeliest"]
    assert "grid" not in made.made.rows[0].detail  # this model does not read it
    assert {row.detail["called"] for row in made.made.rows} <= set(CLASSES)
    assert [label for label in made.made.labels if label.startswith("called: ") and "Shares then: early" in label]
    stored = read(made.path)
    assert stored == made.made
    page = to_html(document(stored))
    assert 0 < page.index("P(early)") < page.index("P(mid)") < page.index("P(late)") < page.index("Called")
    first = made.made.rows[0]
    assert f"{CLASSES[int(first.answers['pit_window'])]} (" in page
    assert write_picture(stored, tmp_path / "windows.png").stat().st_size > 1000
    console = Console(width=200, record=True)
    print_forecast(made.made, console)
    text = console.export_text()
    assert "first stop" in text
    assert f"{first.detail['likeliest']} (" in text
    assert json.loads(made.path.read_text())["rows"][0]["detail"]["likeliest"] in CLASSES


@pytest.fixture(scope="module")
def retiring(world, decided):
    """Crown a model of another question about the same cars."""
    job = world.workspace.job("dnf-pre_race")
    frame = world.workspace.features.historical(row_kind("race_driver").spine(world.tables, "pre_race"), "dnf")
    job.frame_path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(job.frame_path, index=False)
    rules = {"model": "driver_rate", "baseline": "team_rate"}
    crown(job, world.tables, frame, registry=world.registry, estimators=rules, seasons=[2024])
    return job


def test_other_forecasts_of_the_cars_tell_the_predicted_strategy_and_the_version_that_said_it(world, retiring):
    own = forecast.forecast(world.workspace, "pit_window", "2024-02").made
    told = forecast.forecast(world.workspace, "dnf", "2024-02").made
    said = {row.keys["driver_id"]: row.detail[STRATEGY] for row in told.rows}
    assert said == {row.keys["driver_id"]: row.detail["likeliest"] for row in own.rows}
    assert told.provenance[STRATEGY] == f"{NAME}/{own.version}"
    assert told.provenance[f"{STRATEGY}.content"] == own.provenance["model.content"]
    assert not any(STRATEGY in row.detail for row in own.rows)
    page = to_html(document(told))
    assert "Predicted strategy" in page
    assert f"{NAME}/{own.version}" in page


def test_a_forecast_stands_without_a_strategy_that_cannot_be_told(world, retiring):
    baseline = world.job.target / "baseline"
    away = baseline.rename(baseline.with_name("away"))
    try:
        made = forecast.forecast(world.workspace, "dnf", "2024-03").made
    finally:
        away.rename(baseline)
    assert len(made.rows) == 6
    assert STRATEGY not in made.rows[0].detail
    assert STRATEGY not in made.provenance
    assert [label for label in made.labels if label.startswith("no predicted strategy: ")]


def test_a_backtest_scores_it_beside_its_rules(world):
    plans = backtest.plans(world.workspace, backtest.stages(world.workspace, ["pit_window"]), [2024], ["pit_window"])
    done = backtest.run(world.workspace, plans, workers=0)
    rows = {(row["model"], row["metric"]): row for row in done.result["rows"] if row["season"] == "all"}
    assert {name for name, _ in rows} >= {"catboost", "xgboost", "logistic", *template("pit_window").baselines}
    assert rows["most_common", "log_loss"]["value"] > rows["overall_rate", "log_loss"]["value"]


def test_rain_is_forecast_of_races_and_reads_a_forecast_where_there_is_one(world):
    train.train(world.workspace, "rain_impact")
    frame = world.workspace.job("rain_impact").frame()
    assert not frame.duplicated("race_id").any()
    assert {"rain_probability", "practice_spread_pct", "circuit_wet_lap_share"} <= set(frame)
    own = by_estimator(load_predictions(world.workspace.job("rain_impact").target))["logistic"]
    assert [name for name in own if name.startswith("p_")] == ["p_low", "p_medium", "p_high"]
    # a class that never came true so far keeps a chance
    assert (own["p_medium"] > 0).all()
