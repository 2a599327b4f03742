"""A fresh MLflow store survives being opened by several processes at once and says nothing."""

import sqlite3
import subprocess
import sys

OPEN = """
import sys
from pathlib import Path
from pitwall.adapters.mlflow_tracker import MlflowTracker
from pitwall.domain.project import Project
tracker = MlflowTracker(Project(Path(sys.argv[1])))
run = tracker.start("pitwall-order", sys.argv[2], {})
tracker.metrics(run, {"log_loss": 1.0})
tracker.finish(run, "FINISHED")
"""


def _start(code: str, *arguments: str, cwd: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_four_processes_open_a_fresh_store_at_once(tmp_path):
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    processes = [_start(OPEN, str(root), f"run {number}", cwd=str(elsewhere)) for number in range(4)]
    said = [process.communicate(timeout=300) for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0], said
    assert [out for out, _ in said] == [""] * 4
    assert list(elsewhere.iterdir()) == []

    with sqlite3.connect(root / "mlruns" / "mlflow.db") as database:
        runs = database.execute("SELECT name, status FROM runs ORDER BY name").fetchall()
        locations = database.execute(
            "SELECT artifact_location FROM experiments WHERE name = 'pitwall-order'"
        ).fetchall()
    assert runs == [(f"run {number}", "FINISHED") for number in range(4)]
    assert locations == [((root / "mlruns" / "artifacts" / "pitwall-order").as_uri(),)]
