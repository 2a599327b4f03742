"""What package is at work, and whether its files are those that its RECORD lists.

In a project made from the wheel the code is not in git: name, version and this comparison stand in for commit and status.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Any

import pitwall

NAME = "pitwall-ml"
FOLDER = "pitwall"
UNKNOWN = "unknown"
NO_RECORD = f"{FOLDER} is not imported from an installed wheel of {NAME}, so no RECORD says what its files should be"


@dataclass(frozen=True)
class InstalledPackage:
    """The package whose code runs.

    Attributes:
        name: of the distribution.
        version: of the distribution.
        sha256: over all of its files as they are now.
        folders: sha256 over the files below each folder.
        changed: files that are not as RECORD has them: edited, missing or added.
        reason: why the package cannot be compared; empty where it can.
    """

    name: str
    version: str
    sha256: str
    changed: tuple[str, ...] = ()
    reason: str = ""
    folders: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def installed(folder: Path | None = None) -> InstalledPackage:
    """Return what is installed in a folder `pitwall`; by default the one that this process imports."""
    folder = folder or package_folder()
    files = file_hashes(folder)
    found = _distribution(folder)
    recorded = _recorded(found) if found else {}
    known: dict[str, Any] = {
        "version": found.version if found else UNKNOWN,
        "sha256": digest(files),
        "folders": folder_hashes(files),
    }
    if not recorded:
        return InstalledPackage(NAME, **known, reason=NO_RECORD)
    return InstalledPackage(NAME, **known, changed=tuple(differing(recorded, files)))


def package_folder() -> Path:
    """Return the folder of the package that this process imports."""
    return Path(pitwall.__file__).parent


def file_hashes(folder: Path) -> dict[str, str]:
    """Return {path within the package: sha256} of its files, compiled ones left out."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def folder_hashes(files: Mapping[str, str]) -> dict[str, str]:
    """Return {folder: sha256 over all files below it}.

    Example:
        >>> sorted(folder_hashes({"ml/rows/a.py": "1", "domain/b.py": "2"}))
        ['domain', 'ml', 'ml/rows']
    """
    below: dict[str, dict[str, str]] = defaultdict(dict)
    for path, sha256 in files.items():
        for parent in PurePosixPath(path).parents[:-1]:
            below[parent.as_posix()][path] = sha256
    return {folder: digest(below[folder]) for folder in sorted(below)}


def digest(files: Mapping[str, str]) -> str:
    """Return one sha256 over the names and hashes of files."""
    return hashlib.sha256("".join(f"{files[path]}  {path}\n" for path in sorted(files)).encode()).hexdigest()


def differing(recorded: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """Return, in words, the files that are not as they were recorded.

    Example:
        >>> differing({"a.py": "1", "b.py": "2"}, {"a.py": "9", "c.py": "3"})
        ['pitwall/a.py', 'pitwall/b.py (missing)', 'pitwall/c.py (added)']
    """
    remarks = {
        path: " (missing)" if path not in files else " (added)" if path not in recorded else ""
        for path in recorded.keys() | files.keys()
        if files.get(path) != recorded.get(path)
    }
    return [f"{FOLDER}/{path}{remarks[path]}" for path in sorted(remarks)]


def _distribution(folder: Path) -> Distribution | None:
    """Return the distribution that lies beside the folder: another one on the search path would speak of other files."""
    return next(iter(distributions(name=NAME, path=[str(folder.parent)])), None)


def _recorded(found: Distribution) -> dict[str, str]:
    """Return {path within the package: sha256} as RECORD has it; what an installer compiles has no place there.

    RECORD itself is read: `found.files` leaves missing files out where some package put its own finder of metadata first.
    """
    lines = csv.reader((found.read_text("RECORD") or "").splitlines())
    listed = {PurePosixPath(path): sha256 for path, sha256, *_ in lines}
    return {
        path.relative_to(FOLDER).as_posix(): _hex(sha256)
        for path, sha256 in listed.items()
        if sha256 and path.parts[0] == FOLDER and "__pycache__" not in path.parts
    }


def _hex(sha256: str) -> str:
    """Return a hash of RECORD (`sha256=`, then base64 for URLs without its padding) as hexadecimal digits."""
    value = sha256.partition("=")[2]
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()
