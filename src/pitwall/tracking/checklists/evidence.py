"""All that a checklist may look at: a run, its manifest and files, and the project's own files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.ports import RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.manifest import FILE, FOLDER, RunManifest, load
from pitwall.tracking.sections.unknown import is_unknown

PROJECT_FILES = (
    ".pre-commit-config.yaml",
    ".python-version",
    "Dockerfile",
    "docs/data.md",
    "docs/experiments.md",
    "dvc.yaml",
)
KEPT = ("code.patch", "dvc.lock", "installed.txt", "params.yaml", "requirements.lock", "splits.json")


@dataclass(frozen=True)
class Evidence:
    """What a run left behind.

    Attributes:
        run: the run.
        manifest: its manifest, None if it has none.
        artifacts: paths of all its files.
        kept: the files beside the manifest, by name.
        project: texts of the project's files, by path.
    """

    run: RunRecord
    manifest: RunManifest | None
    artifacts: frozenset[str]
    kept: Mapping[str, bytes]
    project: Mapping[str, str]

    def says(self, *fields: str) -> bool:
        """Tell whether the manifest has something known to say in every field; empty lists and mappings count."""
        return all(self._known(self.field(name)) for name in fields)

    def holds(self, *fields: str) -> bool:
        """Tell whether every field of the manifest is known and not empty."""
        return self.says(*fields) and all(self.field(name) not in ({}, [], "") for name in fields)

    def field(self, name: str) -> Any:
        """Return a field of the manifest by its dotted path, `MISSING` if there is none."""
        return MISSING if self.manifest is None else self.manifest.get(name)

    def sha256(self, name: str) -> str:
        """Return the hash of a file beside the manifest, empty if it is not there."""
        return hashlib.sha256(self.kept[name]).hexdigest() if name in self.kept else ""

    def below(self, folder: str) -> bool:
        """Tell whether the run has a file in a folder."""
        return any(path.startswith(f"{folder}/") for path in self.artifacts)

    @staticmethod
    def _known(value: Any) -> bool:
        return value is not MISSING and value is not None and not is_unknown(value)


def gather(runs: RunReader, record: RunRecord, project: Project) -> Evidence:
    """Return what a run left behind."""
    artifacts = frozenset(runs.artifacts(record.run_id))
    paths = {
        name: runs.file(record.run_id, f"{FOLDER}/{name}") for name in (FILE, *KEPT) if f"{FOLDER}/{name}" in artifacts
    }
    manifest = load(path) if (path := paths.pop(FILE, None)) else None
    return Evidence(
        record,
        manifest,
        artifacts,
        {name: path.read_bytes() for name, path in paths.items() if path},
        {
            name: (project.root / name).read_text(encoding="utf-8")
            for name in PROJECT_FILES
            if (project.root / name).is_file()
        },
    )
