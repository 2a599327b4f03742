"""The fastf1 source through a library of the same surface: laps as they were driven, and a clear word without the library."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources.fastf1 import SOURCE, FastF1Settings
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SOURCE as SYNTHETIC
from pitwall.testing.sites.fastf1_library import FakeFastF1, Session, installed
from pitwall.testing.sites.published import SMALL

NOW = datetime(2018, 12, 1, tzinfo=UTC)
WANTED = FastF1Settings(first_season=2018, last_season=2018)
KEY = ["raceId", "driverId", "LapNumber"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    settings = SYNTHETIC.Settings.model_validate(SMALL)
    taken = take_snapshot(SYNTHETIC, None, settings, tmp_path_factory.mktemp("world"), now=NOW, previous=None)
    assert taken is not None
    return taken


@pytest.fixture
def around(world: Snapshot, tmp_path: Path) -> Around:
    return Around(tmp_path / "state", results=world.folder)


@pytest.fixture
def library(world: Snapshot) -> FakeFastF1:
    return FakeFastF1(world.folder)


def take(library: FakeFastF1 | None, around: Around, raw: Path, notes: list[str] | None = None) -> Snapshot:
    with installed(library):
        taken = take_snapshot(SOURCE, None, WANTED, raw, now=NOW, previous=None, around=around, notes=notes)
    assert taken is not None
    return taken


def test_files_are_those_of_the_library_with_ids_in_front(
    world: Snapshot, library: FakeFastF1, around: Around, tmp_path: Path
) -> None:
    taken = take(library, around, tmp_path)
    assert library.cached == str(around.folder / "cache")
    for name in ("laps_2018", "weather", "track_status", "session_status"):
        ours, theirs = (pd.read_parquet(each.folder / f"{name}.parquet") for each in (world, taken))
        key = KEY if name == "laps_2018" else ["raceId", "Time"]
        both = [
            each.sort_values(key, kind="stable").reset_index(drop=True)[[*theirs.columns]].astype(object)
            for each in (ours, theirs)
        ]
        both = [each.where(each.notna(), None) for each in both]
        pd.testing.assert_frame_equal(*both, check_dtype=False)


def test_without_the_library_the_error_says_what_to_do(around: Around, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"fastf1 is not installed; install it .* or use openf1"):
        take(None, around, tmp_path)


def test_a_race_that_the_library_cannot_give_is_named(library: FakeFastF1, around: Around, tmp_path: Path) -> None:
    gone = min(library.sessions)
    del library.sessions[gone]
    notes: list[str] = []
    taken = take(library, around, tmp_path, notes)
    assert any("not read: 2018-01" in note and "ValueError: invalid round 1" in note for note in notes)
    assert pd.read_parquet(taken.folder / "laps_2018.parquet")["RoundNumber"].min() == 2
    library.sessions.clear()
    with pytest.raises(SourceError, match=r"gave no lap of the races of the results:\n  not read"):
        take(library, around, tmp_path / "again")


def test_tables_of_another_form_are_refused(
    library: FakeFastF1, around: Around, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Session.load

    def other(session: Session, **wanted: Any) -> None:
        load(session, **wanted)
        session.laps = session.laps.rename(columns={"LapStartTime": "StartTime"})

    monkeypatch.setattr(Session, "load", other)
    with pytest.raises(SourceError, match=r"laps lacks the column 'LapStartTime' .* is it 'StartTime'"):
        take(library, around, tmp_path)


def test_laps_before_any_results_say_what_to_run(library: FakeFastF1, around: Around, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"fetch them first with `dvc repro ingest`"):
        take(library, replace(around, results=None), tmp_path)
