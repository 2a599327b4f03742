"""A whole training on a tiny world with fakes: what is written, logged and registered, and how it dies.

One file, because one training of a tiny world is looked at from every side.
"""

import json
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pitwall.adapters.processes.signals import exit_on_sigterm
from pitwall.domain.errors import StageError, UnknownName
from pitwall.domain.params import parse_params
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project
from pitwall.domain.refs import RunRef, folder_hash
from pitwall.domain.tables import save_tables
from pitwall.ml.backtest.published_scores import evaluate
from pitwall.ml.estimators.order._plackett_luce import loss, orders
from pitwall.ml.families.order.answer import position_matrix
from pitwall.ml.families.predictions import by_estimator, load_predictions
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.training import steps
from pitwall.ml.training.histories.trial_runs import log_trial
from pitwall.ml.training.known_seasons import known_seasons
from pitwall.ml.training.splits import labelled
from pitwall.ml.training.training_job import TrainingJob, training_job
from pitwall.ml.training.tuning import TrialRecord
from pitwall.testing import FakeRegistry, FakeTracker
from pitwall.testing.worlds.frames import order_frame
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.tracking.manifest import FOLDER, of_run
from pitwall.workflows.train import train
from pitwall.workflows.workspace import Workspace

PARAMS = parse_params(
    {
        "models": {"order": {"estimator": "plackett_luce_trees", "stages": ["pre_race"]}},
        "tuning": {"trials": 5, "startup_trials": 2, "pruner_warmup_rounds": 10},
        "training": {"held_out_seasons": 2, "validation_seasons": 1},
        "gates": {"bootstrap_draws": 300},
    }
)


class Spy(FakeTracker):
    """A run store that remembers what the run looked like whenever its manifest was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[RunRecord] = []

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        super().files(run_id, path, folder)
        if folder == FOLDER:
            self.seen.append(self.read(run_id))


@dataclass
class World:
    job: TrainingJob
    tracker: Spy
    registry: FakeRegistry
    ref: RunRef


def _job(root: Path) -> TrainingJob:
    project = Project(root)
    tables = tiny_tables(seasons=5, races=8, cars=12, upcoming=1)
    save_tables(tables, project.tables)
    project.frames.mkdir(parents=True)
    order_frame(tables).to_parquet(project.frame("order-pre_race"), index=False, coerce_timestamps="us")
    return training_job(project, PARAMS, "order-pre_race")


def workspace(job: TrainingJob, tracker: FakeTracker, registry: FakeRegistry | None = None) -> Workspace:
    clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict)
    stores = {"tracker": tracker, "runs": tracker, "registry": registry or FakeRegistry()}
    return Workspace(job.project, params=PARAMS, versions=clean, **stores)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    job, tracker, registry = _job(tmp_path_factory.mktemp("project")), Spy(), FakeRegistry()
    ref = train(workspace(job, tracker, registry), job.name)
    return World(job, tracker, registry, ref)


def test_the_run_says_what_it_was(world: World) -> None:
    run = world.tracker.runs[world.ref.run_id]
    assert run.status == "FINISHED"
    assert run.experiment == "pitwall-order"
    assert run.tags["git.commit"] == "unknown"
    assert run.datasets == [(world.job.frame_ref().md5, "training")]
    assert run.params["tuning.trials"] == 5
    assert run.params["recipe.rounds"] >= 1
    assert {"race_winner.log_loss", "race_winner.gain.grid_frequency.low", "order.spearman"} <= set(run.metrics)
    assert run.metrics["race_winner.accuracy"] == run.metrics["race_winner.hit_rate"]
    assert run.metrics["podium.f1.low"] <= run.metrics["podium.f1"] == run.metrics["podium.overlap"]
    assert {"pictures/calibration_race_winner.png", "pictures/positions_latest_race.png"} <= set(run.files)
    assert {"pictures/tuning_history.png", "predictions/predictions.parquet"} <= set(run.files)
    assert {step for name, step, _ in run.history if name == "season.race_winner.log_loss"} == {2023, 2024}
    for words in ("Who wins the race?", "seasons 2023, 2024 were never seen", "grid_frequency", "5 configurations"):
        assert words in run.text


def test_the_manifest_begins_before_the_search_and_completes_before_the_run_is_closed(world: World) -> None:
    begun, done = world.tracker.seen
    assert (begun.name, begun.status) == (begun.tags["pitwall.run_name"], "RUNNING")
    assert "optuna.study" not in begun.tags
    assert (done.status, done.tags["pitwall.version"], done.tags["optuna.trials"]) == ("RUNNING", "1", "5")
    assert done.tags["pitwall.best_trial"] == world.tracker.runs[world.ref.run_id].tags["pitwall.best_trial"]
    recipe = FittedModel.load(world.job.target / "model").recipe
    kept = of_run(world.tracker, world.ref.run_id).config["recipe"]
    assert kept == json.loads(json.dumps(recipe.manifest()))
    assert "facts" not in kept


def test_the_final_fit_tells_its_rounds_on_the_rows_that_it_learns_from(world: World) -> None:
    run, model = world.tracker.runs[world.ref.run_id], FittedModel.load(world.job.target / "model")
    curve = world.tracker.history(world.ref.run_id, "fit.train_plackett_luce_loss")
    assert [step for step, _ in curve] == list(range(1, model.recipe.params["rounds"] + 1))
    rows, outcome = labelled(world.job.model, *_known(world.job))
    sure = orders(rows["race_id"].to_numpy(), outcome, model.recipe.params["focus"])
    assert curve[-1][1] == pytest.approx(loss(model.fitted.scores(rows), sure), abs=1e-5)
    assert run.tags["pitwall.curve"] == "rounds"
    assert run.metrics["data.rows"] == len(rows)
    assert (run.metrics["data.races"], run.metrics["data.features"]) == (rows["race_id"].nunique(), 4)


def _known(job: TrainingJob) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = known_seasons(job)
    return known.frame, known.outcome


def test_the_answer_is_timed_and_the_version_says_how_fast_it_is(world: World) -> None:
    metrics = world.tracker.runs[world.ref.run_id].metrics
    assert 0 < metrics["inference.p50_ms"] <= metrics["inference.p95_ms"] <= metrics["inference.p99_ms"]
    assert metrics["inference.rows_per_s"] > 0
    tags = world.registry.get("order-pre_race", 1).tags
    assert float(tags["latency_ms"]) == pytest.approx(metrics["inference.p50_ms"], abs=0.006)


def test_split_races_are_disjoint_forward_in_time_and_labelled(world: World) -> None:
    splits, frame = steps.split_races(world.job), world.job.frame()
    season = frame.drop_duplicates("race_id").set_index("race_id")["season"]
    assert {name: sorted(set(season[races])) for name, races in splits.items()} == {
        "train": [2021],
        "validation": [2022],
        "held_out": [2023, 2024],
        "refit": [2021, 2022, 2023, 2024, 2025],
    }
    judged = [race for name in ("train", "validation", "held_out") for race in splits[name]]
    assert len(judged) == len(set(judged)) == 32
    assert set(judged) < set(splits["refit"])
    assert (len(splits["refit"]), len(season)) == (39, 40)  # the race that is still to come is in no split


def test_trials_are_nested_runs_in_their_true_state(world: World) -> None:
    trials = world.tracker.children(world.ref.run_id)
    assert [run.name for run in trials] == [f"trial {number}" for number in range(5)]
    assert {run.status for run in trials} == {"FINISHED"}
    assert trials[0].tags["pitwall.trial_state"] == "COMPLETE"
    default = FittedModel.load(world.job.target / "model").recipe.plugin.default()
    assert {key: trials[0].params[key] for key in default} == default
    for run in trials:
        assert run.tags["pitwall.trial_state"] in {"COMPLETE", "PRUNED"}
        assert ("validation_log_loss_calibrated" in run.metrics) == (run.tags["pitwall.trial_state"] == "COMPLETE")


def test_a_trial_says_which_steps_had_no_finite_loss_and_keeps_the_others() -> None:
    tracker, job = FakeTracker(), SimpleNamespace(experiment="pitwall-order", validation_metric="validation_log_loss")
    history = ((0, 1.5), (10, float("nan")), (20, float("inf")), (30, 1.2))
    record = TrialRecord(4, "COMPLETE", {"rounds": 9}, float("inf"), history, "")
    log_trial(job, tracker.start("pitwall-order", "parent", {}), record, tracker)  # type: ignore[arg-type]
    trial = tracker.runs["run0001"]
    assert trial.history == [("validation_log_loss", 0, 1.5), ("validation_log_loss", 30, 1.2)]
    assert trial.tags["pitwall.not_finite"] == "the validation loss at step 10, 20"
    assert "validation_log_loss_calibrated" not in trial.metrics


def test_held_out_seasons_are_predicted_by_all_and_tuned_on_by_none(world: World) -> None:
    models = by_estimator(load_predictions(world.job.target))
    assert set(models) == {"plackett_luce_trees", "grid_frequency", "championship_order"}
    assert {tuple(sorted(set(own["season"]))) for own in models.values()} == {(2023, 2024)}
    facts = FittedModel.load(world.job.target / "model").recipe.facts
    assert facts["held_out_seasons"] == [2023, 2024]
    assert facts["validation_seasons"] == [2022]


def test_predictions_are_coherent(world: World) -> None:
    for own in by_estimator(load_predictions(world.job.target)).values():
        sums = pd.DataFrame(position_matrix(own)).groupby(own["race_id"].to_numpy()).sum()
        assert np.allclose(sums, 1.0, atol=1e-6)


def test_model_and_baseline_load_and_answer(world: World) -> None:
    frame = world.job.frame()
    race = frame[frame["race_id"] == frame["race_id"].iloc[-1]]
    for part, name in (("model", "plackett_luce_trees"), ("baseline", "grid_frequency")):
        model = FittedModel.load(world.job.target / part)
        assert model.name == name
        assert model.positions(race).shape == (12, 12)
        assert set(FittedModel.predictions(world.job.target / part)["estimator"]) == {name}


def test_the_candidate_is_registered_once(world: World) -> None:
    version = world.registry.get("order-pre_race", 1)
    assert version.run_id == world.ref.run_id
    assert version.content == folder_hash(world.job.target / "model")
    assert world.registry.alias("order-pre_race", "champion") is None


def test_the_report_has_intervals_for_every_model(world: World) -> None:
    content = json.loads((world.job.project.reports / "order-pre_race.json").read_text())
    for template, metric in (
        ("race_winner", "log_loss"),
        ("podium", "brier"),
        ("points", "overlap"),
        ("order", "spearman"),
    ):
        values = content[template][metric]
        assert set(values) == {"plackett_luce_trees", "grid_frequency", "championship_order"}
        assert all(each["low"] <= each["value"] <= each["high"] for each in values.values())
    assert content["race_winner"]["gain"]["grid_frequency"]["detectable"] > 0


def test_the_backtest_agrees_with_the_report(world: World) -> None:
    backtest = evaluate(world.job.project, world.job.params)
    content = json.loads((world.job.project.reports / "order-pre_race.json").read_text())
    rows = json.loads((world.job.project.reports / "backtest.json").read_text())
    assert rows == backtest.rows
    assert set(rows[0]) == {"template", "stage", "model", "role", "metric", "season", "value", "low", "high", "n"}
    assert {row["season"] for row in rows} == {"all", 2023, 2024}
    assert {(row["model"], row["role"]) for row in rows} >= {
        ("plackett_luce_trees", "ours"),
        ("grid_frequency", "baseline"),
    }
    pooled = [row for row in rows if row["season"] == "all"]
    assert all(content[row["template"]][row["metric"]][row["model"]]["value"] == row["value"] for row in pooled)
    assert len(pd.read_csv(world.job.project.reports / "plots" / "seasons.csv")) == len(rows) - len(pooled)


def test_a_second_training_writes_the_same_bytes(world: World, tmp_path: Path) -> None:
    job = _job(tmp_path)
    train(workspace(job, FakeTracker()), job.name)
    for part in ("model", "baseline"):
        assert folder_hash(job.target / part) == folder_hash(world.job.target / part)
    report = "order-pre_race.json"
    assert (job.project.reports / report).read_text() == (world.job.project.reports / report).read_text()


@pytest.mark.parametrize(
    ("error", "status"), [(StageError("no"), "FAILED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(1), "KILLED")]
)
def test_a_dying_training_leaves_its_true_state_and_the_old_model(
    world: World, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: str
) -> None:
    def die(*_: object) -> None:
        raise error

    monkeypatch.setattr(steps, "judge", die)
    monkeypatch.setattr(steps, "tune", lambda job, run_id, tracker: None)
    before, tracker = folder_hash(world.job.target), Spy()
    with pytest.raises(type(error)):
        train(workspace(world.job, tracker), world.job.name)
    assert [run.status for run in tracker.runs.values()] == [status]
    assert [("error" in run.tags) for run in tracker.runs.values()] == [status == "FAILED"]
    assert len(tracker.seen) == 1
    assert folder_hash(world.job.target) == before


def test_sigterm_marks_the_run_killed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "tune", lambda job, run_id, tracker: os.kill(os.getpid(), signal.SIGTERM))
    tracker, before = FakeTracker(), signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit), exit_on_sigterm():
        train(workspace(world.job, tracker), world.job.name)
    assert [run.status for run in tracker.runs.values()] == ["KILLED"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_password_in_an_address_is_no_parameter_of_a_run(world: World) -> None:
    secret = "s3cret" + "pw"
    sources = {"ergast": {"location": f"https://me:{secret}@host/dump.zip"}}
    job = replace(world.job, params=world.job.params.model_copy(update={"sources": sources}))
    tracker = FakeTracker()
    run_id = steps.open_run(job, tracker, {})
    steps.begin(job, run_id, tracker)
    assert secret not in str(tracker.runs[run_id])
    assert tracker.runs[run_id].params["sources.ergast.location"].endswith("@host/dump.zip")


def test_a_model_of_other_data_is_named_with_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = world.job.tables()
    others = tables["results"].assign(driver_id=tables["results"]["driver_id"] + 1000)
    monkeypatch.setattr(TrainingJob, "tables", lambda _: tables.replace(results=others))
    with pytest.raises(StageError, match="order-pre_race cannot be scored.*pitwall train order-pre_race"):
        evaluate(world.job.project, world.job.params)


def test_a_missing_frame_says_what_makes_it(tmp_path: Path) -> None:
    job = training_job(Project(tmp_path), PARAMS, "race_winner")
    with pytest.raises(StageError, match="dvc repro frames"):
        job.frame()


def test_nothing_trained_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="nothing to evaluate"):
        evaluate(Project(tmp_path), PARAMS)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(UnknownName, match="order-pre_race"):
        training_job(Project(Path()), PARAMS, "order-pre_rase")
