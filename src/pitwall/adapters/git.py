"""Where a result comes from: the commit, what was changed since, the versions and the recorded data.

In a project made from the wheel the code is the installed package as well: its version, and what in it is not as released.
Nothing here names the machine or its addresses: provenance is stored with every run and shown to everybody.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

from pitwall.adapters.installation.package import InstalledPackage
from pitwall.adapters.installation.package import installed as installed_package
from pitwall.domain.errors import PitwallError
from pitwall.domain.plugins.provenance import files as plugin_files
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5

# What makes a run dirty. params.yaml and dvc.lock are recorded by value instead, and never do.
WATCHED = ("src", "flows", "tasks", "feature_repo", "dvc.yaml", "requirements.lock")
VERSIONS = ("pitwall-ml", "numpy", "pandas", "scikit-learn", "xgboost", "optuna", "mlflow", "feast", "dvc", "prefect")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
UNKNOWN = "unknown"
CLEAN = "clean"
SHOWN = 10


@dataclass(frozen=True)
class CodeState:
    """The commit and branch of the code, and its uncommitted paths; `reason` says why they are unknown.

    `package` is the installed package where the project's stages run it; its changed files are among the uncommitted paths.
    """

    commit: str
    branch: str
    dirty: tuple[str, ...] = ()
    reason: str = ""
    package: InstalledPackage | None = None

    @property
    def summary(self) -> str:
        """Return `clean`, `unknown: why`, or the uncommitted paths."""
        if self.reason:
            return f"{UNKNOWN}: {self.reason}"
        rest = f" and {len(self.dirty) - SHOWN} more" if len(self.dirty) > SHOWN else ""
        return ", ".join(self.dirty[:SHOWN]) + rest if self.dirty else CLEAN


def code_state(root: Path) -> CodeState:
    """Return the state of the code of a project; never raises: outside git everything is unknown."""
    state = _committed(root)
    if not Project(root).runs_installed_code:
        return state
    package = installed_package()
    return replace(
        state, dirty=(*state.dirty, *package.changed), reason=state.reason or package.reason, package=package
    )


def _committed(root: Path) -> CodeState:
    """Return the state of what git knows below a project root."""
    try:
        plugins = plugin_files(root)
        commit = git(root, "rev-parse", "HEAD")
        branch = git(root, "rev-parse", "--abbrev-ref", "HEAD")
        status = git(root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *watched(root))
        known = git(root, "ls-files", "-z", "--", *plugins) if plugins else ""
    except FileNotFoundError:
        return CodeState(UNKNOWN, UNKNOWN, reason="the git command is not installed")
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        return CodeState(UNKNOWN, UNKNOWN, reason=_first_cause(said))
    except PitwallError as error:  # params.yaml, or a plug-in that it names, cannot be read
        return CodeState(UNKNOWN, UNKNOWN, reason=str(error))
    ignored = set(plugins) - set(known.split("\0"))  # a plug-in that git was told to ignore is in no commit
    dirty = sorted({entry[3:] for entry in status.split("\0") if entry} | ignored)
    return CodeState(commit.strip(), branch.strip().replace("HEAD", "detached"), tuple(dirty))


def watched(root: Path) -> tuple[str, ...]:
    """Return the paths that make a run dirty: code, and the project's own plug-ins wherever they lie."""
    return (*WATCHED, *plugin_files(root))


def user(root: Path) -> str:
    """Return the name that git would put on a commit made here, `unknown` where there is none. A claim, no proof."""
    try:
        return git(root, "config", "user.name").strip() or UNKNOWN
    except (FileNotFoundError, subprocess.CalledProcessError):
        return UNKNOWN


def provenance(project: Project, stale: Sequence[str] = ()) -> dict[str, str]:
    """Return what a run is tagged with.

    Args:
        project: the project.
        stale: data stages that DVC calls stale; they make the run dirty like uncommitted code.
    """
    state = code_state(project.root)
    threads = {f"env.{name}": os.environ.get(name, "unset") for name in THREADS}
    versions = {f"version.{name}": _version(name) for name in VERSIONS}
    return {
        "git.commit": state.commit,
        "git.branch": state.branch,
        "git.dirty": state.summary,
        **({"code.package": str(state.package)} if state.package else {}),
        "data.stale": ", ".join(stale) or CLEAN,
        "python": platform.python_version(),
        "requirements_lock.md5": _md5(project.root / "requirements.lock"),
        "dvc_lock.md5": _md5(project.dvc_lock),
        **threads,
        **versions,
    }


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder and return what it prints; raises what `subprocess.run(check=True)` does."""
    # GIT_DIR and its kin, set inside hooks, would answer for another repository
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=root, env=env, capture_output=True, text=True, check=True)  # noqa: S607 - git is found on PATH
    return done.stdout


def _first_cause(said: list[str]) -> str:
    text = said[0] if said else "git failed without a word"
    if "not a git repository" in text:
        return "not a git repository"
    return "no commit yet" if "ambiguous argument 'HEAD'" in text or "unknown revision" in text else "git refused"


def _version(package: str) -> str:
    try:
        return installed(package)
    except PackageNotFoundError:
        return "absent"


def _md5(path: Path) -> str:
    return file_md5(path) if path.is_file() else "absent"
