"""Experiments tracked by hand: what is logged reads back as it was, runs end truly, and the best one is the best one."""

import json
import math
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import TrackingError, UnknownName, UsageError
from pitwall.testing import FakeTracker
from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.tracking.run_stores.store import RunStore


@pytest.fixture
def store():
    return FakeTracker()


@pytest.fixture
def tracker(store):
    return ExperimentTracker("lab", RunStore(store, store, "pitwall-lab"), {"git.commit": "abc"})


def _run(tracker, run_name, losses, **params):
    run_id = tracker.start_run(run_name)
    tracker.log_params(params)
    for loss in losses:
        tracker.log_metric("loss", loss)
    tracker.end_run()
    return run_id


def test_a_run_reads_back_as_it_was_logged(tracker):
    run_id = tracker.start_run("first", tags={"version": "v1"})
    params = {
        "lr": 0.01,
        "size": 64,
        "optimiser": "adam",
        "text": "64",
        "on": True,
        "none": None,
        "layers": [8, 4],
        "deep": {"a": 1},
    }
    tracker.log_params(params)
    tracker.log_param("late", "1e3")
    tracker.log_metric("loss", 0.5, step=3)
    tracker.log_metric("loss", np.float32(0.25))
    tracker.log_metric("final", 1)
    assert (tracker.active_run, tracker.runs[run_id]["status"]) == (run_id, "running")
    tracker.end_run()
    run = tracker.runs[run_id[:5]]
    assert (run["name"], run["status"], run["tags"], tracker.active_run) == (
        "first",
        "completed",
        {"version": "v1"},
        None,
    )
    read = {**run["params"]}
    assert read.pop("deep.a") == 1
    assert read == {key: value for key, value in {**params, "late": "1e3"}.items() if key != "deep"}
    assert run["metric_history"] == {"loss": [(3, 0.5), (4, 0.25)], "final": [(0, 1.0)]}
    assert run["metrics"] == {"loss": 0.25, "final": 1.0}
    assert set(dict(run)) >= {"run_id", "start_time", "end_time", "duration", "artifacts"}
    with pytest.raises(KeyError, match="it has run_id, name"):
        run["losses"]


def test_only_runs_of_the_experiment_are_seen_oldest_first_also_those_of_another_session(tracker, store):
    names = [_run(tracker, name, [1.0]) for name in ("a", "b")]
    store.start("another", "x", {})
    again = ExperimentTracker("lab", RunStore(store, store, "pitwall-lab"))
    assert list(again.runs) == [name[:8] for name in names]
    with pytest.raises(UsageError, match="2 runs begin with 'run'"):
        again.runs["run"]
    with pytest.raises(KeyError, match="no run begins"):
        again.runs["x"]


def test_runs_end_truly(tracker, store):
    for word, stored in (("completed", "FINISHED"), ("failed", "FAILED"), ("KILLED", "KILLED")):
        tracker.start_run(word)
        tracker.end_run(word)
        assert list(store.runs.values())[-1].status == stored
    tracker.start_run("left")
    with pytest.raises(UsageError, match="completed, failed, killed; found 'done'"):
        tracker.end_run("done")
    tracker.start_run("next")
    left = list(store.runs.values())[-2]
    assert (left.status, left.tags["error"]) == ("KILLED", "another run was started before this one was ended")
    tracker.end_run()
    for call in (tracker.end_run, lambda: tracker.log_metric("loss", 1), lambda: tracker.log_param("a", 1)):
        with pytest.raises(UsageError, match="no run is open"):
            call()


def test_the_best_run_by_last_best_least_and_largest_value(tracker):
    _run(tracker, "falls", [9.0, 1.0, 3.0])
    _run(tracker, "flat", [2.0, 2.0, 2.0])
    best = {
        (maximize, which): tracker.get_best_run("loss", maximize, which=which)["name"]
        for maximize in (True, False)
        for which in ("last", "best", "min", "max")
    }
    assert best == {
        (True, "last"): "falls", (True, "best"): "falls", (True, "min"): "flat", (True, "max"): "falls",
        (False, "last"): "flat", (False, "best"): "falls", (False, "min"): "falls", (False, "max"): "flat",
    }  # fmt: skip
    with pytest.warns(UserWarning, match="did you mean 'loss'"):
        assert tracker.get_best_run("lss") is None
    with pytest.raises(UnknownName, match="did you mean 'last'"):
        tracker.get_best_run("loss", which="lst")


def test_a_run_that_diverged_is_never_the_best_by_its_last_value(tracker):
    _run(tracker, "diverged", [0.1, math.nan])
    _run(tracker, "recovered", [0.6, math.inf, 0.4])
    _run(tracker, "sound", [0.5])
    _run(tracker, "nothing", [math.nan])
    assert tracker.get_best_run("loss", maximize=False)["name"] == "recovered"
    assert tracker.get_best_run("loss", maximize=False, which="best")["name"] == "diverged"
    rows = {row["name"]: row["loss"] for row in tracker.compare_runs(["loss"])}
    assert rows == {"diverged": None, "recovered": 0.4, "sound": 0.5, "nothing": None}
    lost = tracker.get_best_run("loss", maximize=False)["not_finite"]
    assert lost == {"loss": {"count": 1, "first": 1, "last": 1}}


def test_a_comparison_has_parameters_and_metrics_and_loses_none_to_a_name(tracker):
    _run(tracker, "a", [1.0], name="b", loss="hinge", lr=0.1)
    assert tracker.compare_runs() == [
        {
            "run_id": "run0000",
            "name": "a",
            "status": "completed",
            "param.name": "b",
            "param.loss": "hinge",
            "lr": 0.1,
            "loss": 1.0,
        }
    ]


def test_artifacts_are_data_with_type_size_hash_and_media_type(tracker, store, tmp_path):
    tracker.start_run("a")
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n")
    torch_like = {"w": np.eye(2), "b": np.zeros(2)}
    figure = type("Figure", (), {"savefig": lambda self, file, format: file.write(b"png")})()
    given = {
        "weights": (torch_like, "weights.npz", "application/x-npz"),
        "model": ("model_0.pt", "model.txt", "text/plain"),
        "raw": (b"\x00", "raw", "application/octet-stream"),
        "setup/one": ({"wing": [1, 2]}, "setup/one.json", "application/json"),
        "table": (pd.DataFrame({"a": [1]}), "table.parquet", "application/vnd.apache.parquet"),
        "plot.png": (figure, "plot.png", "image/png"),
        "copied": (path, "copied.csv", "text/csv"),
    }
    for name, (data, file, media) in given.items():
        entry = tracker.log_artifact(name, data)
        content = store.runs["run0000"].contents[file]
        assert (entry["path"], entry["media_type"], entry["size"]) == (file, media, len(content))
        assert entry["sha256"] == sha256(content).hexdigest()
    tracker.log_artifact(str(path))
    tracker.end_run()
    kept = tracker.runs["run0000"]["artifacts"]
    assert list(kept) == [*given, "notes.csv"]
    assert kept["notes.csv"]["sha256"] == kept["copied"]["sha256"]
    assert json.loads(store.runs["run0000"].contents["artifacts.json"]) == kept


@pytest.mark.parametrize("data", [object(), {"a": object()}, np.array([None]), {"a": math.nan}, lambda: 1])
def test_an_object_that_only_a_pickle_could_hold_is_refused(tracker, data):
    tracker.start_run("a")
    with pytest.raises(UsageError, match="the artifact x is a"):
        tracker.log_artifact("x", data)


def test_a_name_that_leads_elsewhere_and_a_file_that_is_not_there_are_refused(tracker):
    tracker.start_run("a")
    for name in ("../x", "/x", "a//b", ""):
        with pytest.raises(UsageError, match="is named by letters"):
            tracker.log_artifact(name, "text")
    with pytest.raises(TrackingError, match="it is no file"):
        tracker.log_artifact("absent.csv")


def test_a_loop_stops_by_the_tracker(tracker):
    tracker.start_run("a")
    losses = [5.0, 4.0, 4.5, math.nan, 4.2, 3.0]
    told = []
    for loss in losses:
        tracker.log_metric("loss", loss)
        told.append(tracker.should_stop("loss", patience=3))
    assert told == [False, False, False, False, True, False]
    assert not tracker.should_stop("loss", patience=1, warmup=6)
    with pytest.raises(UnknownName, match="did you mean 'loss'"):
        tracker.should_stop("los", 3)
    tracker.log_metric("downforce", 1.0)
    with pytest.raises(UsageError, match="does not say whether"):
        tracker.should_stop("downforce", 3)
    with pytest.raises(UsageError, match="which is no number"):
        tracker.log_metric("loss", "low")
