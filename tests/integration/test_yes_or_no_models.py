"""Two models of yes or no through every step on a tiny world: frame, tuning, judging, gates, backtest, and once more to the same bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.params import Params, parse_params
from pitwall.domain.project import Project
from pitwall.domain.refs import Verdict, folder_hash
from pitwall.domain.tables import Tables, save_tables
from pitwall.domain.when import as_utc
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import make_plan
from pitwall.ml.backtest.scores import score
from pitwall.ml.families.predictions import WHO, load_predictions
from pitwall.ml.gates import Candidate, run_gate
from pitwall.ml.gates import gates as all_gates
from pitwall.ml.gates._candidates import load_candidate
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.frames import build_frames
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.testing import FakeFeatureReader, FakeRegistry, FakeTracker
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.train import train
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAMES = ("dnf-pre_race", "dnf-pre_weekend", "safety_car-pre_race")
QUICK = {"trials": 2, "startup_trials": 1}
PARAMS = parse_params(
    {
        "models": {
            "dnf": {
                "estimator": "logistic",
                "first_season": 2020,
                "stages": ["pre_race", "pre_weekend"],
                "tuning": QUICK,
            },
            "safety_car": {"estimator": "logistic", "first_season": 2020, "stages": ["pre_race"], "tuning": QUICK},
        },
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 100, "min_races": 5},
    }
)


@dataclass
class World:
    """A project in which the models are trained."""

    root: Path
    tables: Tables
    reader: FakeFeatureReader
    registry: FakeRegistry
    tracker: FakeTracker

    def job(self, name: str) -> TrainingJob:
        return training_job(Project(self.root), PARAMS, name)


def without_feed(tables: Tables) -> Tables:
    """Return tables in which a list alone tells of safety cars, as of races before 2018: some in every season."""
    races = tables["races"].drop_duplicates("race_id").sort_values("race_id")
    told = races[(races["round"] % 3 == 2) & races["race_id"].isin(tables["results"]["race_id"])]
    line = tables["race_control"].iloc[:1]
    listed = pd.concat([line] * len(told), ignore_index=True).assign(
        race_id=told["race_id"].to_numpy(),
        kind="safety_car",
        event_timestamp=as_utc(told["starts_at"].reset_index(drop=True) + pd.Timedelta(hours=2)),
        known_at=as_utc(told["starts_at"].reset_index(drop=True) + pd.Timedelta(hours=5)),
    )
    return tables.replace(race_control=listed, track_status=tables["track_status"].iloc[:0])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("project")
    tables = without_feed(tiny_tables(seasons=4, races=6, cars=8, upcoming=1))
    save_tables(tables, Project(root).tables)
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    reader = FakeFeatureReader(tables, PARAMS)
    build_frames(Project(root), PARAMS, reader)
    made = World(root, tables, reader, FakeRegistry(), FakeTracker())
    clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict)  # asked how DVC stands
    with Workspace(
        Project(root), params=PARAMS, versions=clean, tracker=made.tracker, runs=made.tracker, registry=made.registry
    ) as workspace:
        for name in NAMES:
            train(workspace, name)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_the_report_shows_every_metric_beside_every_baseline(world: World, name: str) -> None:
    job = world.job(name)
    content = json.loads((job.project.reports / f"{name}.json").read_text())
    question = content[job.model]
    for metric in ("brier", "log_loss", "auc", "brier_skill", *(["macro_f1"] if job.model == "safety_car" else [])):
        assert {"logistic", "overall_rate"} <= set(question[metric]), metric
        assert all(row["low"] <= row["value"] <= row["high"] for row in question[metric].values())
    assert "overall_rate" in question["gain"]


@pytest.mark.parametrize("name", ["dnf-pre_weekend", "safety_car-pre_race"])
def test_the_same_recipe_gives_the_same_bytes(world: World, name: str, tmp_path: Path) -> None:
    job = world.job(name)
    for part in ("model", "baseline"):
        made = job.target / part
        again = FittedModel.load(made).recipe
        frame = job.frame()
        rows = labelled(job.model, frame, outcomes(job.model, job.tables(), frame))
        FittedModel(again, again.fit(*rows)).save(tmp_path / part, load_predictions(made))
        assert folder_hash(tmp_path / part) == folder_hash(made)


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_named_by_the_rows_key_and_nothing_more(world: World, name: str) -> None:
    job = world.job(name)
    predictions = load_predictions(job.target)
    key = list(job.definition.kind.key)
    assert not predictions.duplicated([WHO, *key]).any()
    assert ("driver_id" in predictions) == (job.model == "dnf")
    assert predictions["p"].between(0, 1).all()


def _verdicts(candidate: Candidate) -> list[Verdict]:
    return [verdict for gate in all_gates().values() for verdict in run_gate(gate, candidate)]


@pytest.mark.parametrize("name", ["dnf-pre_race", "safety_car-pre_race"])
def test_every_gate_has_a_say_and_none_stumbles(world: World, name: str) -> None:
    job = world.job(name)
    version = world.registry.entries[name][-1]
    verdicts = _verdicts(load_candidate(job, world.registry, version))
    assert {verdict.gate for verdict in verdicts} == set(all_gates())
    assert not [verdict for verdict in verdicts if "crashed" in verdict.reason]
    said = {verdict.gate: verdict for verdict in verdicts}
    assert said["refit_equal"].passed, said["refit_equal"].reason
    assert said["complete_frame"].measured == said["complete_frame"].limit
    assert said["latency"].measured is not None
    if job.model == "safety_car":
        assert not [verdict for verdict in verdicts if " cars" in verdict.reason], "rows are races here"


@pytest.mark.parametrize("season", [2023, 2024])
def test_a_backtest_of_one_season_knows_all_of_its_labels(world: World, season: int) -> None:
    """The list that tells of safety cars began before the season and goes on after it; cut to the season it would not."""
    plan = make_plan(Project(world.root), PARAMS, "pre_race", model="safety_car", seasons=[season], only=[])
    scored = score(forecast_seasons(plan, workers=0))
    rows = [row for row in scored.rows if row["season"] == "all" and row["metric"] == "brier"]
    known = plan.outcome.loc[plan.frame["season"] == season, "label"].notna().sum()
    assert {row["n"] for row in rows} == {known}
    assert {row["model"] for row in rows} >= {"logistic", "circuit_safety_cars", "always_yes", "always_no"}


def test_a_backtest_asks_no_rule_that_cannot_answer_and_says_why(world: World) -> None:
    races = make_plan(Project(world.root), PARAMS, "pre_race", model="safety_car", seasons=[2024])
    assert {"driver_rate", "team_rate", "team_retirements"} <= set(races.skipped)
    assert "needs driver_id" in races.skipped["driver_rate"]
    cars = make_plan(Project(world.root), PARAMS, "pre_race", model="dnf", seasons=[2024])
    assert set(cars.skipped) == {"circuit_safety_cars", "tyre_age_rate"}
    assert "answers the question of pit_within" in cars.skipped["tyre_age_rate"]
    assert "answers the question of safety_car" in cars.skipped["circuit_safety_cars"]


def test_models_that_are_trained_by_name_have_defaults() -> None:
    for name in NAMES:
        job = training_job(Project(Path()), Params(), name)
        assert job.settings.estimator == "logistic"
        assert job.stage in job.settings.stages
