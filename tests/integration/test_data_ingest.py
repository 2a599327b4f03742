"""A source that takes races back: the job refuses it, `pitwall data ingest --accept-removals` keeps it, DVC goes on from there."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pitwall.testing.worlds.project import TinyProject
from pitwall.testing.worlds.season import Season

pytestmark = pytest.mark.slow


def test_what_a_source_took_back_is_kept_only_by_hand(empty_project: TinyProject) -> None:
    project, season = empty_project, Season(races=3)
    taken, kept = season.of(2024)[:2]
    for race in (taken, kept):
        season.run(race)
    season.write(project.root / "dump")
    project.pitwall("data", "use", "ergast", "--location", "dump")
    project.dvc("repro", "tables")

    season.call_off(taken)
    season.write(project.root / "dump")
    refused = project.dvc("repro", "--force", "--single-item", "ingest@ergast", check=False)
    assert refused.returncode and f"raceId {taken}" in refused.stdout + refused.stderr
    assert project.pitwall("data", "use", "ergast", "--location", "dump", check=False).returncode == 1
    assert project.pitwall("data", "ingest", "ergast", check=False).returncode == 1

    assert "data ingest" in project.pitwall("data", "use", "ergast", "--location", "dump", "--accept-removals").stdout
    told = json.loads(project.pitwall("data", "ingest", "ergast", "--accept-removals", "--json", "-").stdout)
    assert told["is_news"] and told["rows"]["races.csv"] == 5 and told["source"] == "ergast"
    repeated = project.dvc("repro", "tables")
    assert "Stage 'ingest@ergast' didn't change, skipping" in repeated.stdout
    assert "called off: 2024-01" in repeated.stderr
    assert json.loads(project.dvc("status", "--json", "ingest@ergast", "tables").stdout) == {}
    results = pd.read_parquet(project.root / "data" / "tables" / "results.parquet")
    assert taken not in set(results["race_id"]) and kept in set(results["race_id"])
