"""Runs read table by table are those that MLflow's own search gives: all of them, in its order, and no other."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from pitwall.adapters.mlflow.reading import bulk
from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef, file_md5

NOON = 1_700_000_000_000  # several runs begin in the same millisecond


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A store with nested, removed and unfinished runs in three experiments, one of them removed."""
    project = Project(tmp_path_factory.mktemp("project"))
    tracker, client = MlflowTracker(project), open_store(project)
    parent = tracker.start(
        "pitwall-order", "training", {"git.commit": "abc", **{f"version.p{n}": "1" for n in range(9)}}
    )
    tracker.finish(tracker.start("pitwall-order", "trial", {}, parent=parent), "FINISHED")
    for step in range(3):
        tracker.metrics(parent, {"loss": 3.0 - step, "inference.p50_ms": 5.0}, step=step)
    tracker.params(parent, {"seed": 7, "text": "x" * 7000})
    frame = project.frame("order-pre_race")
    frame.parent.mkdir(parents=True)
    pd.DataFrame({"race_id": [1]}).to_parquet(frame)
    tracker.dataset(parent, FrameRef("order-pre_race", str(frame), file_md5(frame), 1, ("race_id",)), "training")
    tracker.finish(parent, "FINISHED")
    number = client.get_experiment_by_name("pitwall-order").experiment_id
    for name in ("b", "a", "c"):
        client.create_run(number, start_time=NOON, run_name=name)
    client.delete_run(client.create_run(number, run_name="removed").info.run_id)
    tracker.start("pitwall-dnf", "another", {})
    tracker.start("pitwall-gone", "of a removed experiment", {})
    client.delete_experiment(client.get_experiment_by_name("pitwall-gone").experiment_id)
    return project


@pytest.mark.parametrize("experiment", [None, "pitwall-order", "pitwall-gone", "pitwall-none"])
def test_they_are_those_of_mlflows_search(project, monkeypatch, experiment):
    runs = MlflowRuns(project)
    quick, names = runs.all(experiment), runs.names(experiment or "pitwall-order")
    monkeypatch.setattr(bulk, "engine_of", lambda _: None)
    assert quick == runs.all(experiment)
    assert names == runs.names(experiment or "pitwall-order")
    assert len(quick) == {None: 5, "pitwall-order": 4}.get(experiment, 0)  # MLflow removes an experiment with its runs


def test_a_metric_that_is_no_number_stays_none(project):
    client, runs = open_store(project), MlflowRuns(project)
    run = client.create_run(client.get_experiment_by_name("pitwall-dnf").experiment_id).info.run_id
    client.log_metric(run, "loss", math.nan)
    assert math.isnan(next(each for each in runs.all("pitwall-dnf") if each.run_id == run).metrics["loss"])
