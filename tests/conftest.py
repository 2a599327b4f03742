"""What all tests share: no Prefect server by accident, and one tiny project that has been through the whole chain."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

REPO = Path(__file__).resolve().parents[1]
PARTS = (
    *("src", "flows", "tasks", "feature_repo", "dvc.yaml", "params.yaml", "pyproject.toml", "requirements.lock"),
    *(".gitignore", ".dvcignore", ".dvc/config", ".dvc/.gitignore", "mlruns/.gitkeep"),
)
TINY = {
    "sources": {"synthetic": {"seasons": 4, "teams": 4, "races": 6}},
    "training": {"held_out_seasons": 1, "validation_seasons": 1},
    "tuning": {"trials": 2, "startup_trials": 1, "pruner_warmup_rounds": 5},
    "gates": {"bootstrap_draws": 200},
}

os.environ["PREFECT_API_URL"] = ""
os.environ.setdefault("OMP_NUM_THREADS", "1")


@dataclass(frozen=True)
class TinyProject:
    """A small project in a folder of its own, with its own git, DVC, MLflow and Feast, run by the code under test."""

    root: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment of a process of this project, whatever the tests were started in."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "PITWALL_", "DVC_", "GIT_"))}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        code = os.pathsep.join([str(self.root / "src"), str(self.root)])
        return {**kept, "PATH": path, "PYTHONPATH": code, "PITWALL_HOME": str(self.root), "DVC_NO_ANALYTICS": "1"}

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the root; a failure shows what it said."""
        done = subprocess.run(command, cwd=self.root, env=self.env, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
        return done

    def dvc(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run DVC."""
        return self.run(sys.executable, "-m", "dvc", *arguments, check=check)

    def pitwall(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        program = "from pitwall.cli import main; main()"
        return self.run(sys.executable, "-c", program, *arguments, check=check)

    def set(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Change sections of params.yaml."""
        path = self.root / "params.yaml"
        content = yaml.safe_load(path.read_text())
        for section, values in settings.items():
            content[section] = {**(content[section] or {}), **values}
        path.write_text(yaml.safe_dump(content))

    def commit(self) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "state")


def make_project(root: Path) -> TinyProject:
    """Copy the code under test into a folder, with tiny settings, as a git repository with one commit."""
    for part in PARTS:
        source, target = REPO / part, root / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".store"))
        else:
            shutil.copy(source, target)
    project = TinyProject(root)
    project.set(TINY)
    project.run("git", "init", "--quiet")
    project.commit()
    return project


@pytest.fixture(scope="session")
def tiny_project(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """One tiny project after `dvc repro` from nothing; tests leave it up to date and committed."""
    project = make_project(tmp_path_factory.mktemp("tiny") / "project")
    project.dvc("repro")
    project.commit()
    return project


@pytest.fixture
def empty_project(tmp_path: Path) -> TinyProject:
    """A tiny project in which nothing was run."""
    return make_project(tmp_path / "project")
