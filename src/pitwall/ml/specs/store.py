"""Where a project keeps the specs of users' models: one folder each below `.pitwall/specs`, found again by every process.

Like plug-ins of a project they belong to the one that we are in. The folder holds `spec.json`, `rows.parquet` and, where no function
makes them, `labels.parquet`; a run keeps a copy, and so leads to its model wherever it is repeated.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import ProjectNotFound, StageError
from pitwall.domain.project import Project, find_project
from pitwall.ml.specs.spec import ModelSpec

log = logging.getLogger(__name__)
FILE, ROWS, LABELS = "spec.json", "rows.parquet", "labels.parquet"


@dataclass(frozen=True)
class StoredSpec:
    """A spec with its files, under the name of a model."""

    name: str
    spec: ModelSpec
    folder: Path

    @cached_property
    def keys(self) -> pd.DataFrame:
        """The keys of the rows that it learns from."""
        return self._read(ROWS, self.spec.keys)

    @cached_property
    def labels(self) -> pd.DataFrame:
        """The labels by key, of a target that no function makes; the last column holds them."""
        return self._read(LABELS, self.spec.labels)

    def _read(self, name: str, sha256: str) -> pd.DataFrame:
        content = (self.folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StageError(
                f"{self.folder / name} is not the file that the model {self.name} was ordered with; train it again."
            )
        return pd.read_parquet(self.folder / name)


def specs_folder(project: Project) -> Path:
    """Return where a project keeps its specs."""
    return project.state / "specs"


def file_of(frame: pd.DataFrame) -> bytes:
    """Return a small table as the bytes of its file."""
    return bytes(frame.to_parquet(index=False))


def save_spec(project: Project, name: str, spec: ModelSpec, files: Mapping[str, bytes]) -> StoredSpec:
    """Keep a spec under the name of a model; one of that name makes room.

    Args:
        project: where.
        name: of the model.
        spec: the order.
        files: `rows.parquet` and, if there are any, `labels.parquet`.
    """
    folder = specs_folder(project) / name
    made = folder.with_name(f".{name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for file, content in files.items():
        (made / file).write_bytes(content)
    (made / FILE).write_text(json.dumps(spec.content(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    return StoredSpec(name, spec, folder)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder; another one in its place makes room."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def copy_spec(project: Project, stored: StoredSpec, name: str) -> StoredSpec:
    """Keep the same order under another name."""
    files = {each: (stored.folder / each).read_bytes() for each in (ROWS, LABELS) if (stored.folder / each).is_file()}
    return save_spec(project, name, stored.spec, files)


def specs(project: Project | None = None) -> dict[str, StoredSpec]:
    """Return the specs of a project, the one that we are in when None, by name."""
    try:
        folder = specs_folder(project or find_project())
    except ProjectNotFound:
        return {}
    found = {}
    for path in sorted(folder.glob(f"[!.]*/{FILE}")) if folder.is_dir() else []:
        try:
            found[path.parent.name] = _read(path, path.stat().st_mtime_ns)
        except StageError as error:  # one that nobody can read must not hide the others
            log.warning("%s: %s", path, error)
    return found


def find_spec(name: str) -> StoredSpec | None:
    """Return the spec of a user's model in the project that we are in; None where it has none of that name."""
    try:
        path = specs_folder(find_project()) / name / FILE
    except ProjectNotFound:
        return None
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> StoredSpec:
    return StoredSpec(path.parent.name, ModelSpec.of_content(json.loads(path.read_text(encoding="utf-8"))), path.parent)
