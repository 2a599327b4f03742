"""Eight processes that open one fresh store at once and log: nothing is lost, nobody sees an error. The study, smaller."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE
from pitwall.testing.fakes.postgres import create_database

pytestmark = pytest.mark.slow

STUDY = Path(__file__).resolve().parents[2] / "studies" / "parallel_logging.py"
PROCESSES, RUNS = 8, 2


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(STUDY.parent))
    spec = util.spec_from_file_location("parallel_logging", STUDY)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "parallel_logging", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv(VARIABLE, raising=False)
    open_store(Project(tmp_path / "warm"))
    if request.param == "PostgreSQL":
        monkeypatch.setenv(VARIABLE, create_database(request.getfixturevalue("postgres_server"), "parallel"))
    return str(request.param)


def measured(store: str, root: Path) -> dict[str, Any]:
    """Return the study's row, measured in a process that holds nothing of other tests.

    It forks, which spares eight imports of MLflow; the study itself spares none.
    """
    program = (
        "import json, sys; from pathlib import Path; import parallel_logging as study; study.START = 'fork'; "
        "print(json.dumps(study.measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))"
    )
    line = [sys.executable, "-c", program, store, str(root), str(PROCESSES), str(RUNS)]
    done = subprocess.run(line, cwd=STUDY.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    row: dict[str, Any] = json.loads(done.stdout)
    assert row["errors"] == 0, done.stderr
    return row


def test_no_run_is_lost_and_no_error_is_seen(study: ModuleType, store: str, tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    row = measured(store, root)
    assert (row["complete"], row["errors"], row["words on stderr"]) == (PROCESSES * RUNS, 0, 0)
    if store == "SQLite":
        tracker = MlflowTracker(Project(root))
        half = tracker.start(study.EXPERIMENT, "half", {})
        tracker.params(half, study.PARAMS)
        tracker.finish(half, "FINISHED")
        assert study.complete(root) == PROCESSES * RUNS, "a run without its metrics is not complete"
