"""Laps as FastF1's own frames come out of other programs: timedeltas, codes as numbers, nulls as words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.sources.fastf1_laps import SOURCE, FastF1LapsSettings
from pitwall.sources.machinery.canonical.laps import LapTables, World, lap_tables
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.testing.checks.source import small_laps, small_world

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
TIMES = ("LapTime", "Sector1Time", "Sector2Time", "Sector3Time", "Time", "LapStartTime", "PitInTime", "PitOutTime")
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.at(build_tables([small_world(tmp_path_factory.mktemp("world"))], TimeParams()).tables, NOW)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    folder = tmp_path_factory.mktemp("feed")
    small_laps(folder)
    frames = {path.stem: pd.read_parquet(path) for path in folder.iterdir()}
    laps = frames["laps_2017"]
    sectors = {f"Sector{number}Time": (laps["LapTime"] / 3).round(3) for number in (1, 2, 3)}
    pits = {"PitInTime": laps["Time"].where(laps["LapNumber"] == 3), "PitOutTime": pd.Series(float("nan"), laps.index)}
    status = laps["LapNumber"].map({1: "1", 2: "12", 3: "124"})
    flags = {"IsAccurate": laps["LapNumber"] > 1, "FastF1Generated": False, "Deleted": None}
    tyres = {"Compound": laps["Compound"].mask(laps["LapNumber"] == 1), "Team": "any"}
    frames["laps_2017"] = laps.assign(**sectors, **pits, TrackStatus=status, **flags, **tyres)
    return frames


def made(frames: Frames, write: Callable[[pd.DataFrame, Path], object], known: World, folder: Path) -> LapTables:
    origin = folder / "given"
    origin.mkdir(parents=True)
    for name, rows in frames.items():
        write(rows, origin / name)
    taken = take_snapshot(SOURCE, str(origin), FastF1LapsSettings(), folder / "raw", now=NOW, previous=None)
    assert taken is not None
    bad = Quarantine(taken.name)
    tables = lap_tables(taken, known, bad)
    assert bad.frame().empty
    return tables


def to_parquet(rows: pd.DataFrame, path: Path) -> None:
    rows.to_parquet(path.with_name(f"{path.name}.parquet"))


def to_csv(rows: pd.DataFrame, path: Path) -> None:
    rows.to_csv(path.with_name(f"{path.name}.csv"))


@pytest.fixture(scope="module")
def expected(feed: Frames, known: World, tmp_path_factory: pytest.TempPathFactory) -> LapTables:
    return made(feed, to_parquet, known, tmp_path_factory.mktemp("expected"))


def timedeltas(rows: pd.DataFrame) -> pd.DataFrame:
    times = [column for column in TIMES if column in rows]
    return rows.assign(**{column: pd.to_timedelta(rows[column], unit="s") for column in times})


def milliseconds(rows: pd.DataFrame) -> pd.DataFrame:
    spans = [column for column in rows if rows[column].dtype.kind == "m"]
    return rows.assign(**{column: rows[column].dt.round("ms").astype("timedelta64[ms]") for column in spans})


def codes_as_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    coded = [column for column in ("TrackStatus",) if column in rows]
    coded += ["Status"] if "Message" in rows else []
    return rows.assign(**{column: rows[column].astype(float) for column in coded})


def clocks(rows: pd.DataFrame) -> pd.DataFrame:
    def text(value: float) -> str:
        return "NaT" if pd.isna(value) else str(pd.Timestamp(0) + pd.Timedelta(seconds=value))[11:]

    return rows.assign(**{column: rows[column].map(text) for column in TIMES if column in rows})


def words(rows: pd.DataFrame) -> pd.DataFrame:
    text = rows.astype(object).where(rows.notna(), "nan")
    return text.assign(Compound=text["Compound"].str.lower()) if "Compound" in rows else text


FORMS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "timedeltas": timedeltas,
    "clocks": clocks,
    "codes as numbers": codes_as_numbers,
    "words": words,
    "as they are": lambda rows: rows,
}


@pytest.mark.parametrize("form", FORMS)
def test_laps_saved_as_text_read_as_the_same_laps(
    form: str, feed: Frames, known: World, expected: LapTables, tmp_path: Path
) -> None:
    read = made({name: FORMS[form](rows) for name, rows in feed.items()}, to_csv, known, tmp_path)
    assert read.assumed == expected.assumed
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], table)


@pytest.mark.parametrize("finer", [timedeltas, lambda rows: milliseconds(timedeltas(rows))])
def test_laps_saved_as_parquet_with_timedeltas_read_as_the_same_laps(
    finer: Callable[[pd.DataFrame], pd.DataFrame], feed: Frames, known: World, expected: LapTables, tmp_path: Path
) -> None:
    read = made({name: finer(rows) for name, rows in feed.items()}, to_parquet, known, tmp_path)
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(read.tables[name], table)


def test_laps_in_milliseconds_are_refused_by_name(feed: Frames, known: World, tmp_path: Path) -> None:
    slow = {**feed, "laps_2017": feed["laps_2017"].assign(LapTime=feed["laps_2017"]["LapTime"] * 1000)}
    with pytest.raises(
        SourceError, match=r"laps_2017\.parquet: every value of the column 'LapTime' is outside 40 to 14400"
    ):
        made(slow, to_parquet, known, tmp_path)


WORD = {"1": "AllClear", "12": "1;2", "124": "[1, 2, 4]"}


def test_track_status_reads_as_words_and_lists(feed: Frames, known: World, tmp_path: Path) -> None:
    laps = feed["laps_2017"]
    expected = made(feed, to_parquet, known, tmp_path / "plain").tables["laps"]
    words = {**feed, "laps_2017": laps.assign(TrackStatus=laps["TrackStatus"].map(WORD))}
    pd.testing.assert_frame_equal(made(words, to_parquet, known, tmp_path / "words").tables["laps"], expected)


def test_a_track_status_in_no_known_form_is_refused(feed: Frames, known: World, tmp_path: Path) -> None:
    laps = feed["laps_2017"]
    with pytest.raises(
        SourceError, match=r"no value of the column 'TrackStatus' is a track status .*digits from 1 to 7"
    ):
        made({**feed, "laps_2017": laps.assign(TrackStatus="green")}, to_parquet, known, tmp_path / "words")


def test_compounds_read_as_letters(feed: Frames, known: World, tmp_path: Path) -> None:
    laps = feed["laps_2017"]
    expected = made(feed, to_parquet, known, tmp_path / "plain").tables["laps"]
    letters = {**feed, "laps_2017": laps.assign(Compound=laps["Compound"].str[0])}
    pd.testing.assert_frame_equal(made(letters, to_parquet, known, tmp_path / "letters").tables["laps"], expected)


def test_a_lap_that_its_own_clock_contradicts_is_null_and_added_up_times_are_refused(
    feed: Frames, known: World, tmp_path: Path
) -> None:
    laps = feed["laps_2017"]
    one = made(
        {**feed, "laps_2017": laps.assign(LapTime=laps["LapTime"].mask(laps.index == 1, 5637.0))},
        to_parquet,
        known,
        tmp_path / "a",
    )
    assert one.tables["laps"]["seconds"].isna().sum() == 1
    assert one.assumed["laps: LapTime longer than the session's clock says, read as null"] == 1
    added = laps["LapTime"].groupby([laps["raceId"], laps["driverId"]]).cumsum()
    with pytest.raises(SourceError, match=r"'LapTime' does not agree with 'Time' and 'LapStartTime'.*added up"):
        made({**feed, "laps_2017": laps.assign(LapTime=added)}, to_parquet, known, tmp_path / "b")


def test_laps_of_a_driver_who_is_not_in_the_results_of_the_race_are_set_aside(
    feed: Frames, known: World, tmp_path: Path
) -> None:
    race, driver = feed["laps_2017"].iloc[0][["raceId", "driverId"]]
    cars = known.entrants
    fewer = replace(known, entrants=cars[(cars["race_id"] != race) | (cars["driver_id"] != driver)])
    (tmp_path / "given").mkdir()
    for name, rows in feed.items():
        to_parquet(rows, tmp_path / "given" / name)
    taken = take_snapshot(
        SOURCE, str(tmp_path / "given"), FastF1LapsSettings(), tmp_path / "raw", now=NOW, previous=None
    )
    assert taken is not None
    bad = Quarantine(taken.name)
    lap_tables(taken, fewer, bad)
    assert set(bad.frame()["reason"]) == {"driverId: no car of this race"}
