"""The small pipeline scores what it has not learned from, repeats itself bit by bit, and ends its run truly."""

import io

import numpy as np
import pytest

import pitwall as pw
from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.features import FeatureEngineer
from pitwall.testing import FakeFeatureReader, FakeTracker, tiny_tables
from pitwall.tracking.run_stores.store import RunStore
from pitwall.workflows.notebook.by_hand.softmax import fit
from pitwall.workflows.notebook.feature_store import FeatureStore
from pitwall.workflows.notebook.pipeline import MLPipeline
from pitwall.workflows.workspace import Workspace

CONFIG = {"model_name": "finisher", "lr": 0.1, "epochs": 40}
X = np.random.default_rng(1).normal(size=(200, 2))


@pytest.fixture
def runs():
    return FakeTracker()


@pytest.fixture
def pipeline(tmp_path, runs):
    project = Project(tmp_path)
    store = FeatureStore(
        project, FakeFeatureReader(tiny_tables(seasons=1, races=1, cars=2)), FeatureEngineer(registry={})
    )
    store.register_feature("speed", lambda d: d.get("v"), "speed")
    store.register_feature("noise", lambda d: d["w"], "nothing")
    store.register_feature_set("both", ["speed", "noise"])
    for row, (v, w) in enumerate(X):
        store.compute_and_store(row, {"w": w} if row % 10 == 3 else {"v": v, "w": w})
    tracker = pw.ExperimentTracker("lab", store=RunStore(runs, runs, "pitwall-lab"))
    return MLPipeline(store, tracker, pw.ModelRegistry(workspace=Workspace(project, params=Params())))


def _model(runs, run_id):
    return dict(np.load(io.BytesIO(runs.runs[run_id].contents["model.npz"]), allow_pickle=False))


def test_it_learns_scores_the_last_rows_and_registers(pipeline, runs):
    labels = np.where(X[:, 0] > 0, "fast", "slow")
    result = pipeline.train_and_register(CONFIG, range(200), "both", labels)
    assert (result["version"], result["n_train"], result["n_held_out"]) == (1, 160, 40)
    assert result["baseline_accuracy"] + 0.2 < result["accuracy_low"] < result["accuracy"] < result["accuracy_high"]
    run = pipeline.tracker.runs[result["run_id"]]
    assert run["status"] == "completed"
    assert run["params"] == {**CONFIG, "n_features": 2, "n_samples": 200, "n_held_out": 40}
    assert run["metric_history"]["accuracy"][-1] == (39, result["accuracy"])
    losses = [loss for _, loss in run["metric_history"]["train_loss"]]
    assert losses == sorted(losses, reverse=True)
    (entry,) = pipeline.registry.list_versions("finisher")
    assert (entry["metrics"]["accuracy"], entry["params"], entry["run_id"]) == (
        result["accuracy"],
        CONFIG,
        result["run_id"],
    )


def test_labels_of_the_held_out_rows_move_the_score_and_nothing_of_the_model(pipeline, runs):
    labels = (X[:, 0] > 0).astype(int)
    turned = np.where(np.arange(200) < 160, labels, 1 - labels)
    told = [pipeline.train_and_register(CONFIG, range(200), "both", each) for each in (labels, turned)]
    first, second = (_model(runs, each["run_id"]) for each in told)
    assert all(np.array_equal(first[key], second[key]) for key in first)
    assert told[0]["accuracy"] == pytest.approx(1 - told[1]["accuracy"])


def test_labels_of_pure_chance_are_scored_as_such(pipeline):
    labels = np.random.default_rng(2).integers(0, 2, 200)
    result = pipeline.train_and_register({**CONFIG, "epochs": 5}, range(200), "both", labels)
    assert result["accuracy_low"] < 0.5 < result["accuracy_high"]


def test_the_fit_finds_the_weights_that_drew_the_labels():
    rng = np.random.default_rng(3)
    many = rng.normal(size=(4000, 1))
    labels = (rng.random(4000) < 1 / (1 + np.exp(-(2 * many[:, 0] - 1)))).astype(int)
    model = fit(many, labels, rate=0.1, epochs=300, report=lambda epoch, _: None)
    slope, bias = (model.weights[:, 1] - model.weights[:, 0]).tolist()
    assert slope / model.scale[0] == pytest.approx(2, abs=0.2)
    assert bias - slope * model.mean[0] / model.scale[0] == pytest.approx(-1, abs=0.2)


@pytest.mark.parametrize(
    ("rows", "labels", "told"),
    [
        (200, [0] * 199, "one label per entity"),
        (200, [0] * 200, "with 1 classes"),
        (2, [0, 1], "the first 1 are learned"),
    ],
)
def test_what_cannot_be_learned_is_refused_before_a_run_is_opened(pipeline, runs, rows, labels, told):
    with pytest.raises(UsageError, match=told):
        pipeline.train_and_register(CONFIG, range(rows), "both", labels)
    assert not runs.runs


def test_a_share_that_is_none_is_refused_and_a_training_that_fails_is_a_failed_run(pipeline, runs):
    with pytest.raises(UsageError, match="held_out=0"):
        MLPipeline(pipeline.feature_store, pipeline.tracker, pipeline.registry, held_out=0)
    with pytest.raises(TypeError):
        pipeline.train_and_register({"lr": "fast"}, range(200), "both", (X[:, 0] > 0).astype(int))
    (run,) = runs.runs.values()
    assert (run.status, pipeline.tracker.active_run) == ("FAILED", None)
    assert "error" in run.tags
