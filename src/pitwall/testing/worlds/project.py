"""A tiny project in a folder of its own, for tests that run the real chain: DVC, Feast, MLflow, Prefect, in seconds.

It is a copy of a checkout with small settings and one commit, so that what is tested is the code at hand, uncommitted
changes included.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pitwall.domain.errors import StageError
from pitwall.domain.params import load_params
from pitwall.ml.models.machinery.names import model_names, model_of

PARTS = (
    *("src", "flows", "tasks", "feature_repo", "dvc.yaml", "params.yaml", "pyproject.toml", "requirements.lock"),
    *(".python-version", ".pre-commit-config.yaml", "Dockerfile", "docs/data.md"),
    *(".gitignore", ".dvcignore", ".dvc/config", ".dvc/.gitignore", "mlruns/.gitkeep"),
)
TINY: dict[str, dict[str, Any]] = {
    "sources": {
        "synthetic": {"seasons": 4, "teams": 4, "races": 6, "laps_seasons": 0}
    },  # whatever the checkout was switched to
    "models": {"order": {"estimator": "stack", "first_season": 1998, "stages": ["pre_race"]}},  # one stage is quicker
    "training": {"held_out_seasons": 1, "validation_seasons": 1},
    "tuning": {"trials": 2, "startup_trials": 1, "pruner_warmup_rounds": 5},
    "gates": {"bootstrap_draws": 200},
}
REPLACED = ("sources", "models")  # sections that say which there are


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
        """Run a command in the root and return what it said.

        Raises:
            StageError: it failed, and `check` is on.
        """
        done = subprocess.run(command, cwd=self.root, env=self.env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise StageError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        return done

    def dvc(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run DVC."""
        return self.run(sys.executable, "-m", "dvc", *arguments, check=check)

    def pitwall(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        program = "from pitwall.cli import main; main()"
        return self.run(sys.executable, "-c", program, *arguments, check=check)

    def set(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Change sections of params.yaml; `sources` and `models` are replaced, as they say which there are, for dvc.yaml too."""
        path = self.root / "params.yaml"
        yaml = YAML(typ="safe", pure=True)
        yaml.default_flow_style = False
        content = yaml.load(path.read_text())
        for section, values in settings.items():
            content[section] = dict(values) if section in REPLACED else {**(content[section] or {}), **values}
        with path.open("w") as stream:
            yaml.dump(content, stream)
        self.train_listed()

    def train_listed(self) -> None:
        """Let dvc.yaml train the models that params.yaml lists, and no other; that of an older version does so by itself."""
        path = self.root / "dvc.yaml"
        yaml = YAML(typ="safe", pure=True)
        yaml.default_flow_style = False
        pipeline = yaml.load(path.read_text())
        if "foreach" not in pipeline["stages"]["train"]:
            return
        names = model_names(load_params(self.root / "params.yaml"))
        pipeline["stages"]["train"]["foreach"] = {name: {"model": model_of(name)} for name in names}
        with path.open("w") as stream:
            yaml.dump(pipeline, stream)

    def commit(self) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        self.run("git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "state")


def make_project(checkout: Path, root: Path) -> TinyProject:
    """Copy a checkout into a folder, with tiny settings, as a git repository with one commit."""
    for part in PARTS:
        source, target = checkout / part, root / part
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
