"""A function of one's own as an experiment: seeded, frozen, recorded, closed in its true state."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

import pitwall as pw
from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.testing import FakeTracker
from pitwall.tracking import seeds
from pitwall.tracking.manifest import of_run
from pitwall.tracking.names import problem
from pitwall.tracking.run_models import load_model
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.runs import one
from pitwall.workflows.notebook.experiment import ReproducibleExperiment


@pytest.fixture
def tracker():
    return FakeTracker()


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """PyTorch takes seconds to load; one test of its own loads it."""
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)


def _experiment(tracker, project, **values):
    config = pw.ExperimentConfig({"rounds": 3, "seed": 7, **values})
    return ReproducibleExperiment(config, tracker, tracker, project, splits={"train": [1], "held_out": [2]})


def test_a_run_is_named_by_its_hash_tagged_and_finished(tracker, project):
    experiment = _experiment(tracker, project)

    def train(config, run):
        for step in range(config.get("rounds")):
            run.log_metric("loss", 1.0 / (step + 1), step)
        run.set_tag("note", "x")
        return {"final_loss": 0.5, "text": "is no number"}

    assert experiment.run(train) == {"final_loss": 0.5, "text": "is no number"}
    run = tracker.runs[experiment.run_id]
    digest = experiment.config.hash()
    assert (run.status, run.experiment, run.tags["config_hash"]) == ("FINISHED", "pitwall-lab", digest)
    assert run.name.endswith(f"-experiment-run_{digest}")
    assert not problem("run", run.name)
    assert (run.params["rounds"], run.metrics["final_loss"]) == (3, 0.5)
    assert [value for name, _, value in run.history if name == "loss"] == [1.0, 0.5, 1 / 3]
    manifest = of_run(tracker, experiment.run_id)
    assert manifest.config["params"] == {"rounds": 3, "seed": 7}
    assert manifest.data["splits"]["races"] == {"train": 1, "held_out": 1}
    assert manifest.resources["seconds"] >= 0


def test_the_same_configuration_draws_the_same_and_gets_another_name(tracker, project):
    drawn = []
    for _ in range(2):
        _experiment(tracker, project).run(lambda config, run: drawn.append((random.random(), np.random.rand())))
    _experiment(tracker, project, seed=8).run(lambda config, run: drawn.append((random.random(), np.random.rand())))
    assert drawn[0] == drawn[1] != drawn[2]
    names = [run.name for run in tracker.runs.values()]
    assert len(set(names)) == 3
    assert names[1].startswith(f"{names[0]}-")


def test_the_configuration_is_frozen_while_it_runs(tracker, project):
    experiment = _experiment(tracker, project)
    with pytest.raises(UsageError, match="frozen"):
        experiment.run(lambda config, run: config.set("rounds", 4))


def test_an_error_marks_the_run_failed_with_its_trace_and_goes_on(tracker, project):
    experiment = _experiment(tracker, project)

    def train(config, run):
        raise ZeroDivisionError("token = 'abc123secret'")

    with pytest.raises(ZeroDivisionError):
        experiment.run(train)
    run = tracker.runs[experiment.run_id]
    assert (run.status, run.metrics["error"]) == ("FAILED", 1.0)
    assert run.tags["error"].startswith("ZeroDivisionError")
    trace = run.contents["error/traceback.txt"].decode()
    assert "in train" in trace
    assert "abc123secret" not in trace
    assert of_run(tracker, experiment.run_id).resources == "unknown: the training has not finished"


def test_an_interrupted_experiment_is_killed_not_failed(tracker, project):
    experiment = _experiment(tracker, project)

    def train(config, run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment.run(train)
    assert tracker.runs[experiment.run_id].status == "KILLED"


@pytest.mark.parametrize("seed", ["7", 7.0, True])
def test_a_seed_that_is_no_int_is_refused_before_a_run_is_opened(tracker, project, seed):
    with pytest.raises(UsageError, match="seed must be an int"):
        _experiment(tracker, project, seed=seed).run(lambda config, run: None)
    assert not tracker.runs


def test_seeds_of_torch_are_set_where_it_may_be_loaded(monkeypatch):
    import torch

    monkeypatch.setattr(seeds, "_seed_torch", lambda seed, strict: torch.manual_seed(seed))
    drawn = []
    for _ in range(2):
        section = seeds.seed_everything(11, load_torch=True)
        drawn.append(torch.rand(3).tolist())
    assert drawn[0] == drawn[1]
    assert section["torch"] == 11


def test_a_run_is_found_by_id_beginning_and_name(tracker):
    first = tracker.start("e", "2024-01-15-a-b", {})
    tracker.start("e", "2024-01-15-a-c", {})
    assert one(tracker, first).run_id == first
    assert one(tracker, "2024-01-15-a-b").run_id == first
    with pytest.raises(UsageError, match="2 runs begin with 'run'"):
        one(tracker, "run")
    with pytest.raises(UnknownName, match="did you mean '2024-01-15-a-c'"):
        one(tracker, "2024-01-15-a-d")


@pytest.mark.parametrize("way", ["logged", "returned"])
def test_an_infinite_metric_ends_the_run_as_failed_and_becomes_no_number(tracker, project, way):
    def train(config, run):
        if way == "logged":
            run.log_metric("loss", float("inf"), 2)
        return {"loss": float("inf"), "rounds": 3}

    experiment = _experiment(tracker, project)
    with pytest.raises(TrackingError, match="metric 'loss'.* is inf; a run keeps finite numbers only"):
        experiment.run(train)
    run = tracker.runs[experiment.run_id]
    assert run.status == "FAILED"
    assert "loss" not in run.metrics


def test_an_experiment_of_a_tracker_is_one_of_its_runs_and_hands_the_tracker_over(tracker, project):
    lab = pw.ExperimentTracker("lab", store=RunStore(tracker, tracker, "pitwall-sweep"))
    lab.start_run("mine")

    def train(config, given):
        assert given is lab
        given.log_metric("loss", 0.5, step=1)
        if config.get("seed") == 8:
            raise ZeroDivisionError
        return {"final_loss": 0.25}

    for seed in (7, 8):
        experiment = ReproducibleExperiment(pw.ExperimentConfig({"seed": seed, "size": "64"}), lab, project=project)
        if seed == 7:
            assert experiment.run(train) == {"final_loss": 0.25}
            done = lab.runs[experiment.run_id]
            assert (done["status"], done["params"]) == ("completed", {"seed": 7, "size": "64"})
            assert done["metric_history"]["loss"] == [(1, 0.5)]
            assert done["metrics"]["final_loss"] == 0.25
            assert of_run(tracker, experiment.run_id).config["params"] == {"seed": 7, "size": "64"}
        else:
            with pytest.raises(ZeroDivisionError):
                experiment.run(train)
            assert lab.runs[experiment.run_id]["status"] == "failed"
    assert lab.runs[lab.active_run]["name"] == "mine"  # one's own run goes on
    assert [run["status"] for run in lab.runs.values()] == ["running", "completed", "failed"]


def test_an_experiment_is_kept_as_json_files_with_its_manifest(project, tmp_path):
    lab = pw.ExperimentTracker("lab", base_dir=tmp_path / "experiments")
    experiment = ReproducibleExperiment(pw.ExperimentConfig({"rate": 0.1}), lab, project=project)
    experiment.run(lambda config, run: run.log_metric("loss", config.get("rate")))
    run = lab.get_run(experiment.run_id)
    assert (run["run_id"], run["status"], run["params"]) == ("run_001", "completed", {"rate": 0.1})
    home = Path(run["run_dir"]) / "artifacts" / "manifest"
    assert json.loads((home / "manifest.json").read_text())["orchestration"]["mlflow"]["run"] == "run_001"


def test_an_open_run_keeps_objects_pictures_tables_notes_and_models(tracker, project, tmp_path):
    import torch

    (tmp_path / "config.yaml").write_text("rounds: 3")
    network = torch.nn.Linear(2, 1)

    def train(config, run):
        run.log_artifact(tmp_path / "config.yaml")
        run.log_artifact(tmp_path / "config.yaml", folder="kept")
        run.log_artifact("weights", np.ones(3))
        run.log_image("wing", np.zeros((4, 4, 3)))
        run.log_table("laps", {"lap": [1, 2], "seconds": [91.4, 90.9]})
        run.log_table("stops", [{"lap": 12}])
        run.note("# Less drag")
        run.log_model(network, "net")

    experiment = _experiment(tracker, project)
    experiment.run(train)
    run = tracker.runs[experiment.run_id]
    assert {"config.yaml", "kept/config.yaml", "weights.npz", "wing.png", "laps.json", "stops.json"} <= set(run.files)
    assert run.text == "# Less drag"
    assert {each["path"] for each in json.loads(run.tags["mlflow.loggedArtifacts"])} == {"laps.json", "stops.json"}
    index = json.loads(run.contents["artifacts.json"])
    assert len(index["weights"]["sha256"]) == 64
    for name in ("model.json", "state.npz"):
        place = tmp_path / "net" / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(run.contents[f"net/{name}"])
    loaded = load_model(tmp_path / "net", into=torch.nn.Linear(2, 1))
    assert torch.equal(loaded.weight, network.weight)


def test_what_is_sampled_is_in_the_run_and_its_peaks_in_the_manifest(tracker, project):
    experiment = _experiment(tracker, project)
    experiment.sample_every = 60
    experiment.run(lambda config, run: None)
    run = tracker.runs[experiment.run_id]
    [(name, step, value)] = [each for each in run.history if each[0] == "system.memory_mb"]
    assert (name, step, value > 1) == ("system.memory_mb", 0, True)
    assert of_run(tracker, experiment.run_id).resources["peak.memory_mb"] == round(value, 1)
    assert run.metrics["resources.peak.memory_mb"] == round(value, 1)
