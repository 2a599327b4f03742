"""The ingest and tables stages: what they write, what they say, what a failure leaves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.sources.machinery.stage import ingest, tables
from pitwall.testing.checks.source import SMALL_WORLD, small_laps

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = Params(sources={"synthetic": {"seasons": 2, "teams": 3, "races": 3}})


def test_from_source_to_tables(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = ingest(project, SMALL, "synthetic", NOW)
    assert first.is_news and "kept snapshot 20260301T120000-" in first.lines()[0]
    again = ingest(project, SMALL, "synthetic", NOW + timedelta(days=1))
    assert not again.is_news and again.snapshot == first.snapshot and "no news" in again.lines()[0]
    report = tables(project, SMALL)
    made = load_tables(project.tables)
    assert report.rows == {name: len(frame) for name, frame in made.items()}
    assert report.snapshots == 1 and not report.quarantined
    assert pd.read_parquet(project.tables / "quarantine.parquet").empty
    assert "set aside in quarantine.parquet: 0" in report.lines()


def test_quarantine_is_counted_in_the_report(tmp_path: Path, dump: Path) -> None:
    with (dump / "qualifying.csv").open("a") as out:
        out.write("torn,line\n")
    params = Params(sources={"ergast": {"location": str(dump)}})
    project = Project(tmp_path / "project")
    ingest(project, params, "ergast", NOW)
    report = tables(project, params)
    assert report.quarantined == {"qualifying: wrong number of columns": 1}
    assert len(pd.read_parquet(project.tables / "quarantine.parquet")) == 1
    assert any("qualifying: wrong number of columns" in line for line in report.lines())


def test_laps_beside_results(tmp_path: Path) -> None:
    small_laps(tmp_path / "feed")
    params = Params(sources={"synthetic": SMALL_WORLD, "fastf1_laps": {"location": str(tmp_path / "feed")}})
    project = Project(tmp_path / "project")
    ingest(project, params, "synthetic", NOW)
    with pytest.raises(SourceError, match="no raw snapshot of fastf1_laps.*dvc repro ingest@fastf1_laps"):
        tables(project, params)
    taken = ingest(project, params, "fastf1_laps", NOW)
    assert taken.rows.keys() == {
        "laps_2017.parquet",
        "session_status.parquet",
        "track_status.parquet",
        "weather.parquet",
    }
    report = tables(project, params)
    made = load_tables(project.tables)
    assert report.source == "synthetic and fastf1_laps" and report.snapshots == 2
    assert report.rows["laps"] == len(made["laps"]) == taken.rows["laps_2017.parquet"]
    assert any("TrackStatus not given, read as 1" in line for line in report.lines())
    assert tables(project, Params(sources={"synthetic": SMALL_WORLD})).rows["laps"] == 0


def test_a_failed_ingest_keeps_what_was_there(tmp_path: Path, dump: Path) -> None:
    params = Params(sources={"ergast": {"location": str(dump)}})
    project = Project(tmp_path / "project")
    ingest(project, params, "ergast", NOW)
    before = tables(project, params)
    (dump / "status.csv").unlink()
    with pytest.raises(SourceError, match=r"status\.csv is missing"):
        ingest(project, params, "ergast", NOW + timedelta(days=1))
    assert tables(project, params) == before


def test_an_unknown_source_or_setting_offers_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'ergast'"):
        ingest(Project(tmp_path), Params(sources={"ergst": {}}), "ergst", NOW)
    with pytest.raises(UnknownName, match="did you mean 'synthetic'"):
        ingest(Project(tmp_path), SMALL, "sinthetic", NOW)
    with pytest.raises(UnknownName, match=r"did you mean 'sources\.synthetic\.seasons'"):
        ingest(Project(tmp_path), Params(sources={"synthetic": {"season": 3}}), "synthetic", NOW)


def test_a_project_has_exactly_one_source_of_results(tmp_path: Path) -> None:
    for chosen in ({}, {"synthetic": {}, "ergast": {"location": "x"}}):
        with pytest.raises(UsageError, match="exactly one"):
            ingest(Project(tmp_path), Params(sources=chosen), "synthetic", NOW)
