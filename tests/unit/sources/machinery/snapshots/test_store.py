"""Snapshots are appended, hashed, never edited, and survive a failed fetch."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots, take_snapshot
from pitwall.sources.synthetic import SOURCE as SYNTHETIC
from pitwall.sources.synthetic import SyntheticSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


def take(dump: Path, raw: Path, now: datetime = NOW, previous: Snapshot | None = None) -> Snapshot | None:
    return take_snapshot(SOURCE, str(dump), ErgastSettings(), raw, now=now, previous=previous)


def test_a_snapshot_says_what_it_holds(dump: Path, tmp_path: Path) -> None:
    snapshot = take(dump, tmp_path / "raw")
    assert snapshot is not None
    assert snapshot.name.startswith("20260301T120000-")
    manifest = json.loads((snapshot.folder / "manifest.json").read_text())
    assert manifest["fetched_at"] == "2026-03-01T12:00:00+00:00"
    assert manifest["location"] == str(dump)
    assert manifest["files"]["races.csv"]["rows"] == 8
    assert snapshots(tmp_path / "raw" / "ergast") == [snapshot]


def test_no_news_no_snapshot(dump: Path, tmp_path: Path) -> None:
    first = take(dump, tmp_path / "raw")
    assert take(dump, tmp_path / "raw", LATER, first) is None
    (dump / "seasons.csv").write_text("year,url\n2018,\n")
    assert take(dump, tmp_path / "raw", LATER, first) is not None
    assert len(snapshots(tmp_path / "raw" / "ergast")) == 2


def test_an_edited_file_is_named(dump: Path, tmp_path: Path) -> None:
    snapshot = take(dump, tmp_path / "raw")
    assert snapshot is not None
    with (snapshot.folder / "results.csv").open("a") as out:
        out.write("1\n")
    with pytest.raises(SourceError, match=r"results\.csv was edited after it was fetched"):
        snapshots(tmp_path / "raw" / "ergast")
    (snapshot.folder / "results.csv").unlink()
    with pytest.raises(SourceError, match=r"results\.csv is gone"):
        snapshots(tmp_path / "raw" / "ergast")


def test_a_damaged_manifest_is_named(dump: Path, tmp_path: Path) -> None:
    snapshot = take(dump, tmp_path / "raw")
    assert snapshot is not None
    (snapshot.folder / "manifest.json").write_text("{")
    with pytest.raises(SourceError, match=r"manifest\.json is missing or damaged"):
        snapshots(tmp_path / "raw" / "ergast")


def test_a_failed_fetch_leaves_the_previous_one(dump: Path, tmp_path: Path) -> None:
    first = take(dump, tmp_path / "raw")
    (dump / "drivers.csv").unlink()
    with pytest.raises(SourceError):
        take(dump, tmp_path / "raw", LATER, first)
    home = tmp_path / "raw" / "ergast"
    assert [path.name for path in home.iterdir()] == [first.name if first else None]
    assert snapshots(home) == [first]


def test_what_a_killed_fetch_left_is_cleared(dump: Path, tmp_path: Path) -> None:
    left = tmp_path / "raw" / "ergast" / ".fetching-abc"
    left.mkdir(parents=True)
    (left / "races.csv").write_text("half")
    assert snapshots(left.parent) == []
    take(dump, tmp_path / "raw")
    assert not left.exists()


def test_worlds_do_not_correct_each_other(tmp_path: Path) -> None:
    one, two = (SyntheticSettings(seasons=2, teams=3, races=3, seed=seed) for seed in (1, 2))
    for settings in (one, two):
        take_snapshot(SYNTHETIC, None, settings, tmp_path, now=NOW, previous=None)
    home = tmp_path / "synthetic"
    assert len(snapshots(home)) == 2
    assert [s.world for s in snapshots(home, SYNTHETIC.world(two))] == [SYNTHETIC.world(two)]
