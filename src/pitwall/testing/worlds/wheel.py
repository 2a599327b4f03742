"""The wheel in a fresh environment: built from a checkout, installed where no checkout is on the search path.

The environment sees the packages that are installed here, so that nothing is fetched, but not this checkout: paths of editable
installs are followed in an environment's own `site-packages` alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.errors import StageError

SOURCES = ("src", "flows", "tasks", "feature_repo", "docs", "mlruns", ".dvc")  # folders that the build reads
FOREIGN = ("PREFECT_", "PITWALL_", "DVC_", "GIT_", "MLFLOW_", "PYTHON")
IDENTITY = "[user]\n\tname = t\n\temail = t@localhost\n[init]\n\tdefaultBranch = main\n"


@dataclass(frozen=True)
class FreshEnvironment:
    """A virtual environment below a folder that is also the home of its user, with a git identity."""

    home: Path

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.home / "venv" / "bin"

    @property
    def package(self) -> Path:
        """Where the package is installed."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.home / "venv" / "lib" / version / "site-packages" / "pitwall"

    def run(self, where: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, or of the system, in a folder.

        Raises:
            StageError: it failed, and `check` is on.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        caches = os.environ.get(
            "XDG_CACHE_HOME", str(Path.home() / ".cache")
        )  # matplotlib's list of fonts takes seconds
        path = os.pathsep.join([str(self.bin), os.environ["PATH"]])
        env = {**kept, "HOME": str(self.home), "XDG_CACHE_HOME": caches, "PATH": path}
        done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise StageError(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        return done

    def install(self, wheel: Path) -> None:
        """Install a wheel without its dependencies and without an index."""
        options = ("--quiet", "--no-deps", "--no-index", "--force-reinstall", "--disable-pip-version-check")
        self.run(self.home, str(self.bin / "python"), "-m", "pip", "install", *options, str(wheel))


def build_wheel(checkout: Path, folder: Path, version: str | None = None) -> Path:
    """Build the wheel of a checkout, uncommitted changes included, and return its file.

    Args:
        checkout: the root of the repository.
        folder: a new folder for the copy that is built from, and the wheel.
        version: another version than the checkout's.
    """
    copy = folder / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", ".store", "cache", "tmp", "mlflow.db*", "artifacts")
    for name in SOURCES:
        shutil.copytree(checkout / name, copy / name, ignore=ignored)
    for path in checkout.iterdir():
        if path.is_file():
            shutil.copy(path, copy / path.name)
    if version:
        text = (copy / "pyproject.toml").read_text(encoding="utf-8")
        now = text.partition('\nversion = "')[2].partition('"')[0]
        (copy / "pyproject.toml").write_text(text.replace(f'version = "{now}"', f'version = "{version}"', 1))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StageError(f"the wheel was not built:\n{done.stdout}\n{done.stderr}")
    return next((folder / "dist").glob("*.whl"))


def fresh_environment(home: Path) -> FreshEnvironment:
    """Make an environment that sees the packages installed here, and in which Pitwall is not installed."""
    venv.create(home / "venv", with_pip=False, symlinks=True)
    made = FreshEnvironment(home)
    packages = made.package.parent
    (packages / "installed_here.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (home / ".gitconfig").write_text(IDENTITY)
    return made
