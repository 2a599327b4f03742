"""A training that dies without a word is found by the next one: its run is marked killed, and nothing is left behind."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow

STATES = (
    "from pitwall.adapters.mlflow.store import open_store\nfrom pitwall.domain.project import find_project\n"
    "c = open_store(find_project())\nids = [e.experiment_id for e in c.search_experiments()]\n"
    "print(*[r.info.status for r in c.search_runs(ids, \"tags.`pitwall.model` = 'order-pre_race'\")])"
)


@pytest.fixture
def project(tiny_project: TinyProject, tmp_path: Path) -> TinyProject:
    """A copy without a run store, so that its runs are its own."""
    copy = TinyProject(tmp_path / "project")
    shutil.copytree(tiny_project.root, copy.root, ignore=shutil.ignore_patterns("mlruns", ".pitwall", ".prefect"))
    return copy


def states(project: TinyProject) -> list[str]:
    return sorted(project.run(sys.executable, "-c", STATES).stdout.split())


@pytest.mark.parametrize(
    ("how", "after_it", "after_the_next"),
    [
        (signal.SIGKILL, ["RUNNING"], ["FINISHED", "KILLED"]),
        (signal.SIGTERM, ["KILLED"], ["FINISHED", "KILLED"]),
    ],
)
def test_a_killed_training_is_marked_and_the_next_one_completes(
    project: TinyProject, how: signal.Signals, after_it: list[str], after_the_next: list[str]
) -> None:
    command = [sys.executable, "-m", "pitwall.stages", "train", "order-pre_race"]
    project.set({"tuning": {"trials": 10_000}})
    with subprocess.Popen(command, cwd=project.root, env=project.env, stderr=subprocess.PIPE, text=True) as training:
        assert training.stderr is not None
        assert any(line.startswith("trial 0") for line in training.stderr)
        training.send_signal(how)
    assert states(project) == after_it
    project.run("git", "checkout", "--quiet", "params.yaml")
    project.run(*command)
    assert states(project) == after_the_next
    assert not (project.root / "models" / ".work" / "order-pre_race").exists()
    assert "up to date" in project.dvc("status").stdout
