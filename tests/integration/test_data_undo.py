"""`pitwall data undo` in a real project: the tables are those from before the bad ingest, and DVC has nothing left to do."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from pitwall.sources import sources
from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow

SOURCE = "ergast"


def _dump(folder: Path) -> None:
    folder.mkdir()
    synthetic = sources()["synthetic"]
    settings = {"seasons": 2, "teams": 3, "races": 3, "laps_seasons": 0}
    synthetic.fetch(None, synthetic.Settings.model_validate(settings), folder)


def _bytes(project: TinyProject) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project.root / "data" / "tables").iterdir())}


def _snapshots(project: TinyProject) -> list[str]:
    return sorted(path.name for path in (project.root / "data" / "raw" / SOURCE).iterdir())


def test_undo_and_repro_bring_back_the_tables_and_leave_nothing_stale(empty_project: TinyProject) -> None:
    project = empty_project
    _dump(project.root / "dump")
    project.set({"sources": {SOURCE: {"location": "dump"}}})
    project.dvc("repro", "tables")
    before, first = _bytes(project), _snapshots(project)

    results = pd.read_csv(project.root / "dump" / "results.csv", dtype=str, keep_default_na=False)
    results.assign(points="0").to_csv(project.root / "dump" / "results.csv", index=False)
    project.dvc("repro", "--force", "--single-item", f"ingest@{SOURCE}")
    project.dvc("repro", "tables")
    assert _bytes(project) != before

    said = project.pitwall("data", "undo", "--json", "undo.json").stdout
    told = json.loads((project.root / "undo.json").read_text())
    (moved,) = told["taken_back"]
    assert (project.root / moved / "results.csv").is_file()
    assert (told["source"], told["left"], _snapshots(project)) == (SOURCE, 1, first)
    assert "correct that first" in said

    repeated = project.dvc("repro", "tables").stdout
    assert f"Stage 'ingest@{SOURCE}' didn't change, skipping" in repeated
    assert _bytes(project) == before
    assert _snapshots(project) == first
    assert json.loads(project.dvc("status", "--json", f"ingest@{SOURCE}", "tables").stdout) == {}

    project.run("sh", "-c", told["bring_back"].replace("dvc commit", "python -m dvc commit"))
    assert len(_snapshots(project)) == 2
