"""A fresh MLflow store is made in the project wherever a process stands, and says nothing."""

import sqlite3
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

OPEN = """
import sys
from pathlib import Path
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
tracker = MlflowTracker(Project(Path(sys.argv[1])))
run = tracker.start("pitwall-order", "run", {})
tracker.metrics(run, {"log_loss": 1.0})
tracker.finish(run, "FINISHED")
"""


def test_a_process_elsewhere_makes_the_store_in_the_project_and_says_nothing(tmp_path):
    root, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    command = [sys.executable, "-c", OPEN, str(root)]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done
    assert list(elsewhere.iterdir()) == []

    with sqlite3.connect(root / "mlruns" / "mlflow.db") as database:
        runs = database.execute("SELECT name, status FROM runs ORDER BY name").fetchall()
        locations = database.execute(
            "SELECT artifact_location FROM experiments WHERE name = 'pitwall-order'"
        ).fetchall()
    assert runs == [("run", "FINISHED")]
    assert locations == [((root / "mlruns" / "artifacts" / "pitwall-order").as_uri(),)]
