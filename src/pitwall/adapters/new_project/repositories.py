"""Git and DVC repositories of a new project, where it has none yet, and its first commit.

Both are called as commands, with the user's own settings; what was there before is left as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pitwall.adapters.git import git
from pitwall.domain.errors import StageError, UsageError

REMOTE = ("local", ".dvcstore")


def git_root(folder: Path) -> Path | None:
    """Return the root of the git repository that a folder, new or not, lies in; None outside of any.

    Raises:
        UsageError: there is no git.
    """
    near = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        return Path(git(near, "rev-parse", "--show-toplevel").rstrip("\n")).resolve()
    except subprocess.CalledProcessError:
        return None
    except FileNotFoundError:
        raise UsageError(
            "the git command is not installed; a project needs it, as every run names the commit that it was made from."
        ) from None


def start_git(root: Path) -> bool:
    """Make a git repository in a folder that is in none; return whether it was made.

    Raises:
        UsageError: the folder lies inside another repository.
    """
    around = git_root(root)
    if around == root.resolve():
        return False
    if around is not None:
        raise UsageError(
            f"{root} lies inside the git repository {around}, and a project needs one of its own: runs are repeated from a clone "
            f"of it. Choose a folder outside, or make the repository first: git init {root}"
        )
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet")
    return True


def start_dvc(root: Path) -> bool:
    """Make a DVC repository where there is none; return whether it was made."""
    if (root / ".dvc").is_dir():
        return False
    _dvc(root, "init", "--quiet", "--force")
    return True


def give_remote(root: Path) -> bool:
    """Give a DVC repository that has no default remote the folder `.dvcstore`; return whether it was given."""
    if _dvc(root, "config", "core.remote", accept=(0, 251)).strip():
        return False
    _dvc(root, "remote", "add", "--default", *REMOTE)
    return True


def first_commit(root: Path, message: str, paths: Sequence[str]) -> tuple[str, str]:
    """Commit these paths and nothing else; return the commit, or nothing and why not; nothing of either without paths."""
    if not paths:
        return "", ""
    known = [_setting(root, name) for name in ("user.name", "user.email")]
    if not all(known):
        return "", "git has no name and address for you"
    try:
        git(root, "add", "--force", "--", *paths)
        git(root, "commit", "--quiet", "--message", message, "--", *paths)
        return git(root, "rev-parse", "HEAD").strip(), ""
    except subprocess.CalledProcessError as error:
        return "", f"git refused: {(error.stderr or error.stdout or 'without a word').strip()}"


def _setting(root: Path, name: str) -> str:
    try:
        return git(root, "config", name).strip()
    except subprocess.CalledProcessError:
        return ""


def _dvc(root: Path, *arguments: str, accept: Sequence[int] = (0,)) -> str:
    """Run DVC in a folder and return what it prints.

    Raises:
        StageError: it ended with a code that is not accepted.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # as in `git`
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(
        command, cwd=root, env={**env, "DVC_NO_ANALYTICS": "1"}, capture_output=True, text=True, check=False
    )
    if done.returncode not in accept:
        raise StageError(f"`dvc {' '.join(arguments)}` failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
