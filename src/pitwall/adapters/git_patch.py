"""What the commit does not hold: the difference of the working tree as one patch, and the files that git does not know.

The patch is made on a copy of the index, so that new source files are in it and the user's own index stays as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pitwall.adapters.git import watched

LARGEST = 1_000_000  # bytes of a new file that still goes into the patch
DIFF = ("diff", "HEAD", "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")
PLAIN = ("--src-prefix=a/", "--dst-prefix=b/")  # whatever the user's git is set to
BY_VALUE = ("params.yaml", "dvc.lock")  # kept whole beside the patch, so that a new lock is no difference of code
WHERE = ("--", ".", *(f":(exclude){name}" for name in BY_VALUE))


@dataclass(frozen=True)
class Uncommitted:
    """Uncommitted work.

    Attributes:
        patch: against the commit: every changed file that git knows, and the new ones of the watched folders, but for
            `BY_VALUE`.
        untracked: every file that git neither knows nor ignores, but for `BY_VALUE`.
    """

    patch: bytes
    untracked: tuple[str, ...]


def uncommitted(root: Path, leave_out: Iterable[str] = ()) -> Uncommitted:
    """Return the uncommitted work below a project root.

    Args:
        root: the project root, inside a git repository with a commit (`git.code_state` says whether it is one).
        leave_out: untracked files that must not enter the patch.

    Raises:
        subprocess.CalledProcessError: git refused.
    """
    untracked = sorted(_paths(_git(root, "ls-files", "--others", "--exclude-standard", "-z", *WHERE)))
    left_out = set(leave_out)
    new = [path for path in untracked if _belongs(root, path) and path not in left_out]
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        own = root / _git(root, "rev-parse", "--git-path", "index").decode().strip()
        if own.is_file():
            shutil.copy(own, index)
        if new:
            names = "\0".join(new).encode("utf-8", "surrogateescape")
            add = ("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
            _git(root, "--literal-pathspecs", *add, index=index, said=names)
        patch = _git(root, *DIFF, *PLAIN, *WHERE, index=index)
    return Uncommitted(patch, tuple(untracked))


def _belongs(root: Path, path: str) -> bool:
    code = any(path == each or path.startswith(f"{each}/") for each in watched(root))
    return code and (root / path).is_file() and (root / path).stat().st_size <= LARGEST


def _paths(listed: bytes) -> list[str]:
    return [path.decode("utf-8", "surrogateescape") for path in listed.split(b"\0") if path]


def _git(root: Path, *arguments: str, index: Path | None = None, said: bytes | None = None) -> bytes:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env["GIT_OPTIONAL_LOCKS"] = "0"
    if index is not None:
        env["GIT_INDEX_FILE"] = str(index)
    command = ["git", *arguments]
    return subprocess.run(command, cwd=root, env=env, input=said, capture_output=True, check=True).stdout
