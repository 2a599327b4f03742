"""The lines of the lab's page run as they are retold in `lab/`, on a folder of JSON files and on MLflow, where the import is another one.

Where a line differs from the lab's, docs/tracking.md says how and why.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import pitwall as pw
from pitwall.domain.project import Project
from pitwall.tracking.json_runs import lab
from pitwall.workflows.workspace import Workspace

FOLDER = Path(__file__).parent / "lab"
ORDER = ("quick_start", "training", "sweep", "access", "troubleshooting")


@pytest.fixture(scope="module", params=["json", "mlflow"])
def backend(request, tmp_path_factory):
    """Return a folder to be in, and what the line that makes a tracker makes there; MLflow's store is a real one."""
    place = tmp_path_factory.mktemp(request.param)
    if request.param == "json":
        yield place, lab.ExperimentTracker
        return
    with Workspace(Project(place)) as workspace:
        yield place, lambda base_dir=None: pw.ExperimentTracker(workspace=workspace)


@pytest.fixture
def there(backend, monkeypatch):
    place, tracker = backend
    monkeypatch.chdir(place)
    monkeypatch.setattr(lab, "ExperimentTracker", tracker)
    return tracker


@pytest.mark.parametrize("page", ORDER)
def test_the_lines_run(page, there):
    path = FOLDER / f"{page}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {})


def test_every_page_is_run():
    assert set(ORDER) == {path.stem for path in FOLDER.glob("*.py")}


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("create_run", ["experiment_name", "tags", "description"]),
        ("finish_run", ["run_id", "status"]),
        ("get_run", ["run_id"]),
        ("list_runs", ["experiment_name"]),
        ("get_best_run", ["metric", "experiment_name", "mode"]),
    ],
)
def test_the_api_has_the_labs_names(method, names):
    for tracker in (lab.ExperimentTracker, pw.ExperimentTracker):
        assert list(inspect.signature(getattr(tracker, method)).parameters)[1 : len(names) + 1] == names
    assert next(iter(inspect.signature(lab.ExperimentTracker).parameters)) == "base_dir"


def test_statuses_of_the_lab(there):
    tracker = there()
    for status in ("completed", "failed", "killed"):
        run_id = tracker.create_run("ends")
        tracker.finish_run(run_id, status=status)
        assert tracker.get_run(run_id)["status"] == status


def test_never_lose_experiments(there):
    """What was logged is in the store while the run is open, for whoever opens the store next."""
    run_id = there().create_run("open")
    there().log_params(run_id, {"rate": 0.1})
    there().log_metrics(run_id, {"loss": 0.5}, step=0)
    run = there().get_run(run_id)
    assert (run["params"], run["metrics"]["loss"][0]["value"], run["status"]) == ({"rate": 0.1}, 0.5, "running")


def test_no_external_dependencies(tmp_path):
    """Files alone: what another program would read is what the page shows (the bare interpreter: tests/unit/tracking/json_runs)."""
    tracker = lab.ExperimentTracker(base_dir=tmp_path)
    tracker.log_params(tracker.create_run("files"), {"rate": 0.1})
    assert json.loads((tmp_path / "runs" / "run_001" / "params.json").read_text(encoding="utf-8")) == {"rate": 0.1}
