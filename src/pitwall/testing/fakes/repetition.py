"""A run store, a manifest and a scratch copy in memory and in a folder, to test repetition and lineage without any tool."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project
from pitwall.tracking.manifest import FILE, FOLDER, RunManifest

PARAMS = "seed: 7\nsources:\n  synthetic: {}\ntuning:\n  trials: 20\n"
LOCK = "schema: '2.0'\nstages: {}\n"
OUTS = {"data/frames": "f1.dir", "data/raw/synthetic": "r1.dir", "data/tables": "t1.dir"}


class FakeRuns:
    """A `domain.ports.RunReader` over records that a test adds, with their artifacts in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.records = folder, dict[str, RunRecord]()

    def add(self, record: RunRecord, files: Mapping[str, bytes] | None = None) -> RunRecord:
        """Remember a run and write its artifacts."""
        self.records[record.run_id] = record
        for name, content in (files or {}).items():
            path = self.folder / record.run_id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return record

    def find(self, prefix: str) -> list[str]:
        """Return the ids that begin so."""
        return [run_id for run_id in self.records if run_id.startswith(prefix)]

    def read(self, run_id: str) -> RunRecord:
        """Return a run."""
        if run_id not in self.records:
            raise UnknownName("run", run_id, self.records)
        return self.records[run_id]

    def all(self) -> list[RunRecord]:
        """Return every run that is not nested, the newest first."""
        return [record for record in reversed(self.records.values()) if record.parent is None]

    def files(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts."""
        top = self.folder / run_id
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file())

    def file(self, run_id: str, path: str) -> Path | None:
        """Return an artifact, None if there is none."""
        found = self.folder / run_id / path
        return found if found.is_file() else None


class FakeScratch:
    """A `domain.ports.Scratch` whose rerun is a function of the test; look at `said` afterwards."""

    def __init__(self, folder: Path, rerun: Callable[[Project], None], damaged: Sequence[str] = ()) -> None:
        self.project, self.said = Project(folder), list[str]()
        self._rerun, self._damaged = rerun, list(damaged)

    def checkout(self, revision: str, patch: Path | None = None) -> None:
        """Make an empty folder."""
        self.project.root.mkdir(parents=True)
        self.said.append(f"checkout {revision}{' patched' if patch else ''}")

    def use_package(self, name: str, version: str, sha256: str) -> str:
        """Note which one was asked for."""
        self.said.append(f"package {name} {version} {sha256}")
        return f"{name} {version}"

    def fetch(self, outs: Sequence[str]) -> list[str]:
        """Bring nothing."""
        self.said.append(f"fetch {' '.join(outs)}")
        return self._damaged

    def rerun(self, stage: str, variables: Mapping[str, str | None]) -> None:
        """Call the test's function where a training is asked for."""
        self.said.append(f"{stage} {variables.get('OMP_NUM_THREADS')}")
        if stage.startswith("train@"):
            self._rerun(self.project)

    def train(self, model: str, variables: Mapping[str, str | None]) -> None:
        """Call the test's function."""
        self.said.append(f"alone: {model} {variables.get('OMP_NUM_THREADS')}")
        self._rerun(self.project)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.project.root, ignore_errors=True)


def manifest(changes: Mapping[str, Any] | None = None, patch: bytes = b"") -> RunManifest:
    """Return a small manifest; `changes` sets fields by their dotted names."""
    sections: dict[str, Any] = {
        "subject": {
            "model": "order-pre_race",
            "path": "x",
            "run_name": "r",
            "captured_at": "2026-01-01T00:00:00+00:00",
        },
        "code": {
            **{"commit": "c" * 40, "branch": "main", "dirty": ["src/a.py"] if patch else []},
            **{"patch": sha256(patch).hexdigest() if patch else "", "untracked": [], "secrets": []},
        },
        "data": {"outs": dict(OUTS), "snapshots": {"synthetic": [{"name": "20260101T000000-abcdef12", "hash": "h1"}]}},
        "config": {
            "hash": "0",
            "params": {"seed": 7, "sources": {"synthetic": {}}, "tuning": {"trials": 20}},
            "recipe": {"params": {"rounds": 40}},
        },
        "seeds": {"seed": 7, "torch": 7, "python_hash_seed": "random"},
        "environment": {"versions": {"numpy": "2.4.6"}, "threads": {"OMP_NUM_THREADS": "1"}, "python": "3.11.7"},
        "orchestration": {"started_by": "flow", "prefect": {"flow_run": "f" * 8}},
        "nondeterminism": [],
    }
    for name, value in (changes or {}).items():
        *path, last = name.split(".") if "data/" not in name else [*name.split(".")[:2], name.split(".", 2)[2]]
        where = sections
        for part in path:
            where = where[part]
        where[last] = value
    return RunManifest(**sections)


def artifacts(made: RunManifest, patch: bytes = b"") -> dict[str, bytes]:
    """Return what a run with this manifest keeps."""
    kept = {FILE: made.to_json().encode(), "params.yaml": PARAMS.encode(), "dvc.lock": LOCK.encode()}
    return {
        f"{FOLDER}/{name}": content for name, content in {**kept, **({"code.patch": patch} if patch else {})}.items()
    }


def write_model(folder: Path, recipe: str = "{}", win: float = 0.5) -> Path:
    """Write a model folder of two files: a recipe and predictions."""
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text(recipe)
    pd.DataFrame({"race_id": [1, 1], "model": "m", "place_1": [win, 1 - win]}).to_parquet(
        folder / "predictions.parquet"
    )
    return folder


def trained(
    changes: Mapping[str, Any] | None = None, recipe: str = "{}", win: float = 0.5, name: str = "order-pre_race"
) -> Callable[[Project], None]:
    """Return a rerun that writes a model and its manifest into a scratch project."""

    def rerun(project: Project) -> None:
        write_model(project.model(name) / "model", recipe, win)
        path = project.mlruns / "artifacts" / "run" / FOLDER / FILE
        path.parent.mkdir(parents=True)
        path.write_text(replace(manifest(changes)).to_json())

    return rerun
