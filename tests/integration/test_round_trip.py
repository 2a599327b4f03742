"""Runs go from a folder of JSON files into a real MLflow, from there into a Parquet file, and back into a folder: the same runs all the way."""

from __future__ import annotations

import pytest

from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef
from pitwall.tracking import JsonTracker
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.transfer import parquet
from pitwall.tracking.transfer.copying import copy_runs
from pitwall.tracking.transfer.whole_run import whole_runs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs that hold what a store of texts cuts or cannot tell."""
    place = tmp_path_factory.mktemp("folder")
    (place / "model.bin").write_bytes(bytes(range(256)))
    tracker = JsonTracker(place / "experiments")
    for number, end in enumerate(("completed", "failed", "killed", None)):
        run_id = tracker.create_run("wings", tags={"car": "A", "long": "y" * 9000}, description="less drag\n" * 40)
        tracker.log_params(
            run_id, {"rate": 1e-7, "text": "1e-7", "none": None, "layers": [8, [4]], "long": "ä" * 7000, "n": number}
        )
        tracker.log_params(run_id, {f"wing.{place}": place / 7 for place in range(120)})
        for step in range(3):
            tracker.log_metrics(run_id, {"loss": 1 / (step + 1), "a/b c": float(step)}, step=step)
        for value in range(4):
            tracker.log_metrics(run_id, {"test_loss": float(value)})
        tracker.log_metrics(run_id, {"loss": float("inf")}, step=3)
        tracker.log_artifact(run_id, place / "model.bin", "models/best.bin")
        tracker.store.tracker.dataset(run_id, FrameRef("order-pre_race", "", "abc", 1, ()), "training")
        nested = tracker.store.tracker.start("wings", f"trial {number}", {}, parent=run_id)
        tracker.store.tracker.finish(nested, "FINISHED")
        if end:
            tracker.finish_run(run_id, end)
    return tracker.store


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("mlflow"))
    return RunStore(MlflowTracker(project), MlflowRuns(project))


def _hashes(store):
    return {run.key: run.hash() for run in whole_runs(store.reader)}


def test_there_and_back(folder, mlflow, tmp_path):
    before = _hashes(folder)
    there = copy_runs(whole_runs(folder.reader), mlflow)
    assert (len(there.made), there.refused) == (8, {})
    assert _hashes(mlflow) == before
    assert parquet.write(whole_runs(mlflow.reader), tmp_path / "runs.parquet") == 8
    back = JsonTracker(tmp_path / "back").store
    with parquet.reading(tmp_path / "runs.parquet") as runs:
        assert copy_runs(runs, back).refused == {}
    assert _hashes(back) == before
    again = copy_runs(whole_runs(back.reader), mlflow)
    assert (again.made, len(again.known)) == ([], 8)


def test_a_copy_of_an_open_run_is_nobodys_and_is_not_reaped(folder, mlflow):
    copy_runs(whole_runs(folder.reader), mlflow)
    statuses = sorted(record.status for record in mlflow.reader.all("wings"))
    assert statuses == ["FAILED", "FINISHED", "KILLED", "RUNNING"]
    assert mlflow.tracker.reap() == []


def test_a_run_of_mlflow_goes_there_and_back_too(mlflow, tmp_path):
    run_id = mlflow.tracker.start("brakes", "stiff", {"git.commit": "abc", "version.torch": "2"}, at=5_000)
    mlflow.tracker.params(run_id, {"text": "5"})  # by a client that tells no types: a number, for whoever reads it
    mlflow.tracker.metrics(run_id, {"loss": 1.0}, at=6_000)
    mlflow.tracker.finish(run_id, "FINISHED", at=7_000)
    folder = JsonTracker(tmp_path / "runs").store
    assert copy_runs(whole_runs(mlflow.reader, mlflow.records("brakes")), folder).made == [run_id]
    assert _hashes(folder) == {run.key: run.hash() for run in whole_runs(mlflow.reader, mlflow.records("brakes"))}
    assert copy_runs(whole_runs(folder.reader), mlflow).known == [run_id]


def test_a_name_that_mlflow_does_not_take_is_told_with_its_run(mlflow, tmp_path):
    tracker = JsonTracker(tmp_path / "runs")
    run_id = tracker.create_run("names")
    tracker.log_metrics(run_id, {"loss%": 1.0})
    copied = copy_runs(whole_runs(tracker.store.reader), mlflow)
    assert (copied.made, list(copied.refused)) == ([], [run_id])
    assert "loss%" in copied.refused[run_id]
