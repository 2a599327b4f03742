"""What shared checks have passed, kept beside the project: the same code on the same bytes says the same again, in every process.

Only a pass of a group that ships is kept. Whatever a check objects to is looked at anew each time, and so are features of a session
and groups of which a gate makes another one. The name of a folder is a hash of all that an answer follows from: the data, parameters
and effort (`Subject.digest_of`), every file of the package, and the libraries that compute.
"""

from __future__ import annotations

import hashlib
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pitwall.domain.errors import ProjectNotFound
from pitwall.domain.files import write_atomically
from pitwall.domain.project import find_project
from pitwall.features import groups
from pitwall.features.machinery.group import FeatureGroup

PACKAGE = Path(__file__).parents[2]
LIBRARIES = ("numpy", "pandas", "scipy")
KEPT = 12  # states of data and code


def passed(check: str, group: FeatureGroup, digest: str) -> bool:
    """Return whether a check has passed a group on these very data with this very code."""
    path = _path(check, group, digest)
    return path is not None and path.is_file()


def keep(check: str, group: FeatureGroup, digest: str) -> None:
    """Remember that a check has passed a group."""
    path = _path(check, group, digest)
    if path is None:
        return
    write_atomically(path, "passed\n")
    old = sorted(path.parents[1].iterdir(), key=lambda folder: folder.stat().st_mtime_ns)[:-KEPT]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)


def _path(check: str, group: FeatureGroup, digest: str) -> Path | None:
    """Return the file of a pass; None where it is not to be kept."""
    if groups().get(group.name) is not group or not group.compute.__module__.startswith("pitwall."):
        return None
    try:
        folder = find_project().state / "audits"
    except ProjectNotFound:
        return None
    state = hashlib.sha256(f"{digest} {code()}".encode()).hexdigest()
    return folder / state[:32] / f"{check}-{group.name}"


@cache
def code() -> str:
    """Return a hash of the package's files and of the libraries' versions."""
    whole = hashlib.sha256(repr([(name, version(name)) for name in LIBRARIES]).encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        whole.update(path.relative_to(PACKAGE).as_posix().encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
