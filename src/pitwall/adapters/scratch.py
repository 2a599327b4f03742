"""A throw-away copy of the project (`ports.Scratch`): a git clone beside a DVC workspace of its own, with its own run store.

The clone borrows git's objects from the project and asks no network; data come from DVC's remote into a cache of its own,
so that a repetition shows that the remote really holds what a run was trained on. Nothing is written outside the folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from pathlib import Path

from filelock import FileLock, Timeout

from pitwall.adapters.dvc_repo import DvcRepo
from pitwall.adapters.git import git
from pitwall.adapters.installation.other_version import provide
from pitwall.domain.errors import NotRepeatable, StageError
from pitwall.domain.project import Project

FOREIGN = ("PITWALL_", "PREFECT_", "DVC_", "GIT_", "MLFLOW_")  # settings of the process that asks are not the run's


class ScratchProject:
    """A scratch project below `.pitwall/reproduce/` of a project."""

    def __init__(self, origin: Project, name: str) -> None:
        self._origin = origin
        self.project = Project(origin.state / "reproduce" / name)
        self._lock = FileLock(str(self.project.root.with_suffix(".lock")))
        self._package: Path | None = None

    def checkout(self, revision: str, patch: Path | None = None) -> None:
        """Make the working tree of a commit anew and apply a patch to it.

        Raises:
            NotRepeatable: the repository has no such commit, or the patch does not apply.
        """
        root = self.project.root
        root.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise NotRepeatable(["another process is at it just now"]) from None
        shutil.rmtree(root, ignore_errors=True)
        self._git(self._origin.root, "clone", "--quiet", "--shared", "--no-checkout", ".", str(root))
        self._git(root, "checkout", "--quiet", "--detach", revision)
        if patch is not None and patch.stat().st_size:
            self._git(root, "apply", "--whitespace=nowarn", str(patch.resolve()))
        self._configure_dvc()

    def use_package(self, name: str, version: str, sha256: str) -> str:
        """Run stages by an installed package, that of this process or one installed into the copy; return which, in words.

        Args:
            name: of the distribution.
            version: that the run was made with.
            sha256: over the package's files.

        Raises:
            NotRepeatable: it cannot be had; names the version that is needed and the one that is installed.
        """
        self._package = provide(name, version, sha256, self.project.state / "package")
        command = [sys.executable, "-m", "pitwall.adapters.installation"]
        done = subprocess.run(
            command, cwd=self.project.root, env=self._environment({}), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotRepeatable([f"{name} {version} does not start here: {done.stderr.strip()}"])
        return f"{name} {version}{', installed into the scratch copy' if self._package else ', as installed'}"

    def fetch(self, outs: Sequence[str]) -> list[str]:
        """Take outputs from DVC's remote as dvc.lock names them; return the files that are not what it says.

        Raises:
            NotRepeatable: the remote lacks them.
        """
        versions = DvcRepo(self.project, self._environment({}))
        try:
            versions.pull(outs)
        except StageError as error:
            lacking = ", ".join(versions.lacking(outs)) or "all of it"
            raise NotRepeatable([f"DVC's remote does not hold {lacking}: {error}"]) from error
        return versions.damaged(outs)

    def rerun(self, stage: str, variables: Mapping[str, str | None]) -> None:
        """Run one DVC stage in any case, with the clone's code; `variables` are set, or unset where None."""
        DvcRepo(self.project, self._environment(variables)).reproduce([stage], force=True)

    def train(self, model: str, variables: Mapping[str, str | None]) -> None:
        """Train a model that params.yaml does not list, with the clone's code; `variables` are set, or unset where None.

        Raises:
            StageError: the training failed; the message ends with what it said.
        """
        command = [sys.executable, "-m", "pitwall.stages", "train", model]
        done = subprocess.run(
            command,
            cwd=self.project.root,
            env=self._environment(variables),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StageError(f"the training of {model} failed in the scratch copy:\n{done.stderr.strip()}")

    def remove(self) -> None:
        """Delete the folder and let others have its place."""
        if self.project.root.exists():
            shutil.rmtree(self.project.root)
        self._lock.release(force=True)

    def _environment(self, variables: Mapping[str, str | None]) -> dict[str, str]:
        root = self.project.root
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        code = [*([self._package] if self._package else []), root / "src", root]
        own = {"PITWALL_HOME": str(root), "PYTHONPATH": os.pathsep.join(map(str, code))}
        changed = {**kept, **own, **variables}
        return {name: value for name, value in changed.items() if value is not None}

    def _configure_dvc(self) -> None:
        """Point DVC at the project's remote: an address relative to the project would be looked for in the clone."""
        config = ConfigParser(interpolation=None)
        home = self._origin.root / ".dvc"
        config.read([home / "config", home / "config.local"], encoding="utf-8")
        for section in config.sections():
            url = config[section].get("url", "") if "remote" in section else ""
            if url and "://" not in url:
                config[section]["url"] = str((home / url).resolve())
        config.remove_section("cache")
        with (self.project.root / ".dvc" / "config.local").open("w", encoding="utf-8") as stream:
            config.write(stream)

    def _git(self, where: Path, *arguments: str) -> None:
        try:
            git(where, *arguments)
        except subprocess.CalledProcessError as error:
            said = (error.stderr or "git failed without a word").strip()
            raise NotRepeatable([f"`git {arguments[0]}` failed: {said}"]) from error
