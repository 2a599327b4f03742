"""The lines of the lab's page run as they are retold in `lab/`, on a folder of JSON files and on MLflow, where the import is another one.

Where a line differs from the lab's, docs/tracking.md says how and why.
"""

from __future__ import annotations

import inspect
import json
from hashlib import sha256
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


def test_structured_comparison(there):
    """Which configuration works best is one look: a row per run, its parameters and its finals."""
    tracker, made = there(), []
    for rate, auc in ((0.1, 0.7), (0.01, 0.8)):
        made.append(tracker.create_run("compared"))
        tracker.log_params(made[-1], {"rate": rate})
        tracker.log_metrics(made[-1], {"test_auc": auc})
    rows = tracker.compare_runs(made)
    assert [(row["run_id"], row["rate"], row["test_auc"]) for row in rows] == [
        (made[0], 0.1, 0.7),
        (made[1], 0.01, 0.8),
    ]
    assert tracker.get_best_run("test_auc", "compared")["run_id"] == made[1]


def test_reproducibility(there):
    """Configuration, metrics and artifacts lie together, and each reads back as it was."""
    tracker, path = there(), Path("weights.json")
    path.write_text("[1, 2]", encoding="utf-8")
    run_id = tracker.create_run("together")
    tracker.log_params(run_id, {"layers": [8, 4], "text": "8"})
    tracker.log_metrics(run_id, {"loss": 0.5}, step=0)
    entry = tracker.log_artifact(run_id, path)
    run = tracker.get_run(run_id)
    assert (run["params"], run["metrics"]["loss"][0]["value"]) == ({"layers": [8, 4], "text": "8"}, 0.5)
    kept = (Path(run["run_dir"]) / "artifacts" / entry["path"]).read_bytes()
    assert (kept, sha256(kept).hexdigest()) == (b"[1, 2]", entry["sha256"])


def test_simple_api(there):
    """A whole run is five calls on one object."""
    tracker = there()
    run_id = tracker.create_run("simple")
    tracker.log_params(run_id, {"rate": 0.1})
    tracker.log_metrics(run_id, {"loss": 0.5}, step=0)
    tracker.finish_run(run_id)
    assert tracker.get_run(run_id)["status"] == "completed"


def test_no_external_dependencies(tmp_path):
    """Files alone: what another program would read is what the page shows (the bare interpreter: tests/unit/tracking/json_runs)."""
    tracker = lab.ExperimentTracker(base_dir=tmp_path)
    tracker.log_params(tracker.create_run("files"), {"rate": 0.1})
    assert json.loads((tmp_path / "runs" / "run_001" / "params.json").read_text(encoding="utf-8")) == {"rate": 0.1}
