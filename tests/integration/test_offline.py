"""A real MLflow server goes away in the middle of a run and comes back: the run waits here meanwhile, and is sent once.

The same server serves the plain class of MLflow.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import xgboost

import pitwall as pw
from pitwall.adapters.mlflow.pages.server import start_mlflow
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.processes.child import stop
from pitwall.adapters.processes.prefect_server import free_port, wait_until_healthy
from pitwall.adapters.spool.journal import PROGRESS, Spool
from pitwall.adapters.spool.waiting import waiting
from pitwall.domain.project import Project
from pitwall.domain.refs import FrameRef
from pitwall.domain.settings import VARIABLE
from pitwall.workflows import offline
from pitwall.workflows.workspace import Workspace


class Server:
    """An MLflow server that can be stopped and started again."""

    def __init__(self, owner: Project) -> None:
        self.owner, self.port = owner, free_port(5000)
        self.process: subprocess.Popen[bytes] | None = None
        self.page = f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Start it on its owner's own store."""
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(VARIABLE, raising=False)
            self.process = start_mlflow(self.owner, self.port)
        log = self.owner.state / "mlflow-server.log"
        wait_until_healthy(f"{self.page}/health", self.process, log, "MLflow server")

    def down(self) -> None:
        """Stop it."""
        if self.process is not None:
            stop(self.process)
        self.process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)
        owner = Project(tmp_path_factory.mktemp("owner"))
        open_store(owner)
        made = Server(owner)
        made.up()
        patch.setenv(VARIABLE, made.page)
        yield made
        made.down()


def seen(project: Project) -> list[dict[str, Any]]:
    """Return all that the store has of all runs, in the order of their names."""
    client = open_store(project)
    found = client.search_runs([each.experiment_id for each in client.search_experiments()])
    return sorted(
        (
            {
                "name": run.info.run_name,
                "status": run.info.status,
                "instants": [run.info.start_time, run.info.end_time],
                "params": run.data.params,
                "tags": {key: text for key, text in run.data.tags.items() if not key.startswith("mlflow.")},
                "history": [
                    (each.step, each.value, each.timestamp)
                    for each in client.get_metric_history(run.info.run_id, "loss")
                ],
                "datasets": [each.dataset.digest for each in run.inputs.dataset_inputs],
                "files": [each.path for each in client.list_artifacts(run.info.run_id)],
            }
            for run in found
        ),
        key=lambda run: str(run["name"]),
    )


@pytest.mark.slow
def test_a_server_that_goes_away_in_the_middle_of_a_run_gets_all_of_it_once(server: Server, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.root.mkdir()
    (tmp_path / "picture.txt").write_text("a picture")
    with Workspace(project) as workspace:
        tracker, reader = offline.spooling(workspace)
        run = tracker.start("pitwall-lab", "begun", {})
        tracker.params(run, {"rate": 0.1, "long": "x" * 7000})
        tracker.metrics(run, {"loss": 3.0}, 0)
        server.down()
        with pytest.warns(UserWarning, match=f"Run {run} waits in .pitwall/spool/{run}"):
            tracker.metrics(run, {"loss": 2.0}, 1)
        tracker.files(run, tmp_path / "picture.txt")
        with pytest.warns(UserWarning, match="Run offline-[0-9a-f]{32} waits"):
            other = tracker.start("pitwall-lab", "begun away", {"mood": "good"})
        tracker.params(other, {"rate": 0.2, "long": "y" * 7000})
        tracker.metrics(other, {"loss": 5.0}, 0)
        tracker.curve(other, "loss", [(1, 4.0), (2, 3.0)])
        tracker.dataset(other, FrameRef("order", "data/x.parquet", "abc", 2, ("a",)), "training")
        tracker.note(other, "# Away")
        tracker.finish(other, "FAILED")
        assert reader.history(run, "loss") == [(1, 2.0)]
        assert reader.read(other).status == "FAILED"
        assert "2 run(s) wait" in waiting(project).words()
        server.up()
        tracker.metrics(run, {"loss": 1.0}, 2)
        assert reader.history(run, "loss") == [(0, 3.0), (1, 2.0), (2, 1.0)]
        tracker.finish(run, "FINISHED")
        spool = Spool(project)
        shutil.copytree(spool.folder, tmp_path / "before")

        done = offline.sync(workspace)
        assert [(each.trouble, each.refused, each.waits) for each in done] == [("", [], 0)] * 2
        first = seen(project)
        assert [(each["name"], each["status"]) for each in first] == [("begun", "FINISHED"), ("begun away", "FAILED")]
        assert [step for step, *_ in first[0]["history"]] == [0, 1, 2]
        assert [value for _, value, _ in first[1]["history"]] == [5.0, 4.0, 3.0]
        assert first[0]["files"] == ["params", "picture.txt"]
        assert (first[1]["datasets"], first[1]["tags"]["mood"], first[1]["params"]["rate"]) == (["abc"], "good", "0.2")
        assert reader.page(other) == "# Away"
        assert waiting(project).words() == ""

        shutil.rmtree(spool.folder)  # as if nothing had been written down of what was sent: each call once more
        shutil.copytree(tmp_path / "before", spool.folder)
        assert not list(spool.folder.rglob(PROGRESS))
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            again = offline.sync(workspace)
        assert sum(each.sent for each in again) == sum(each.sent for each in done) > 8
        assert json.dumps(seen(project)) == json.dumps(first)


@pytest.mark.slow
def test_the_plain_class_logs_a_model_through_a_server(server: Server) -> None:
    rows = pd.DataFrame({"grid": [1.0, 2.0, 3.0, 4.0]})
    model = xgboost.XGBRegressor(n_estimators=2).fit(rows, [1.0, 2.0, 3.0, 4.0])
    with pw.ProductionExperimentTracker("plain", server.page) as tracker:
        tracker.log_config({"model": {"rounds": 2}})
        tracker.log_metrics({"loss": 0.5}, step=0)
        model_id = tracker.log_model(model, input_example=rows)
    client = mlflow.MlflowClient(server.page)
    run = client.get_run(tracker.run.info.run_id)
    assert (run.info.status, run.data.params, run.data.metrics) == ("FINISHED", {"model.rounds": "2"}, {"loss": 0.5})
    logged = client.get_logged_model(model_id)
    folder = mlflow.artifacts.download_artifacts(logged.artifact_location, tracking_uri=server.page)
    assert np.allclose(mlflow.pyfunc.load_model(folder).predict(rows), model.predict(rows))
