"""All that a checklist may look at: a run, its manifest and files, and the project's own files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.domain.ports import Measured, RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.manifest import FILE, FOLDER, RunManifest, load
from pitwall.tracking.run_stores.finals import history
from pitwall.tracking.sections.artifacts import changed
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
        changed: paths of artifacts that are not as the manifest has them.
        histories: of all metrics, in the order in which their numbers came.
    """

    run: RunRecord
    manifest: RunManifest | None
    artifacts: frozenset[str]
    kept: Mapping[str, bytes]
    project: Mapping[str, str]
    changed: tuple[str, ...]
    histories: Mapping[str, Sequence[Measured]]

    @property
    def of_a_model(self) -> bool:
        """Whether the run is a training or a search, rather than an experiment of one's own."""
        return "pitwall.model" in self.run.tags

    @property
    def trains(self) -> bool:
        """Whether the run is a training, which registers what it made."""
        return self.of_a_model and "pitwall.search" not in self.run.tags

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
    with runs.held(record.run_id) as files:
        beside = {name: files[f"{FOLDER}/{name}"] for name in (FILE, *KEPT) if f"{FOLDER}/{name}" in files}
        manifest = load(path) if (path := beside.pop(FILE, None)) else None
        kept = {name: path.read_bytes() for name, path in beside.items()}
        recorded = manifest.artifacts if manifest and isinstance(manifest.artifacts, dict) else {}
        spoilt = tuple(changed(recorded, files))
    return Evidence(
        record,
        manifest,
        frozenset(files),
        kept,
        {
            name: (project.root / name).read_text(encoding="utf-8")
            for name in PROJECT_FILES
            if (project.root / name).is_file()
        },
        spoilt,
        {name: history(runs, record, name) for name in record.metrics},
    )
