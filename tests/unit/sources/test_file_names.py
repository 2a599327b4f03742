"""Files and columns under the names that people have them: read as what they are, or named; folder and zip alike."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.fastf1_laps import SOURCE as LAPS
from pitwall.sources.fastf1_laps import FastF1LapsSettings
from pitwall.sources.machinery.fetching.fetch import FetchSettings, fetch_files
from pitwall.sources.machinery.reading import choice, format
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.snapshots.store import fetch_checked
from pitwall.testing.checks.source import small_laps

Packed = Callable[[Path], Path]


def as_folder(folder: Path) -> Path:
    return folder


def as_zip(folder: Path) -> Path:
    path = folder.parent / "given.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"archive/{file.name}")
    return path


def get(location: Path, target: Path) -> tuple[dict[str, int], list[str]]:
    target.mkdir()
    notes: list[str] = []
    return fetch_checked(SOURCE, str(location), ErgastSettings(), target, notes), notes


@pytest.mark.parametrize(
    ("name", "table"),
    [
        *[("pitStops.csv", "pit_stops"), ("lapTimes.csv.gz", "lap_times"), ("driverStandings.csv", "driver_standings")],
        *[
            ("Sprint-Results.CSV", "sprint_results"),
            ("CONSTRUCTOR_RESULTS.csv", "constructor_results"),
            ("Races.csv", "races"),
        ],
        *[("resultz.csv", None), ("results.csv.bak", None), ("results_2024.csv", None), ("notes.txt", None)],
    ],
)
def test_variants_of_a_name(name: str, table: str | None) -> None:
    assert FORMATS["results"].table(name) == table


@pytest.mark.parametrize("name", ["laps_2024.parquet", "Laps-2024.csv", "laps2024.PARQUET"])
def test_variants_of_a_season(name: str) -> None:
    assert (FORMATS["laps"].stem(name), FORMATS["laps"].table(name)) == ("laps_2024", "laps")


@pytest.mark.parametrize("packed", [as_folder, as_zip])
def test_the_older_set_is_read_and_what_is_not_understood_is_named(packed: Packed, dump: Path, tmp_path: Path) -> None:
    for old, new in (
        ("pit_stops", "pitStops"),
        ("driver_standings", "DRIVER-STANDINGS"),
        ("constructor_standings", "constructorStandings"),
    ):
        (dump / f"{old}.csv").rename(dump / f"{new}.CSV")
    (dump / "pratice.csv").write_text("raceId\n1\n")
    (dump / "results.parquet").write_bytes(b"no")
    (dump / "weather.csv").write_text("raceId,Time\n1,2\n")
    (dump / "readme.md").write_text("hello")
    rows, notes = get(packed(dump), tmp_path / "target")
    assert {"pitStops.csv", "DRIVER-STANDINGS.csv", "constructorStandings.csv"} <= rows.keys()
    said = "\n".join(notes)
    assert "pratice.csv is no file of an Ergast dump; the nearest known name is practice.csv" in said
    assert "results.parquet is no file of an Ergast dump; the nearest known name is results.csv" in said
    assert "files of other sources: " in said and "weather.csv" in said and "readme" not in said
    assert len(notes) == 3


@pytest.mark.parametrize("packed", [as_folder, as_zip])
@pytest.mark.parametrize("second", ["pitStops.csv", "pitStops.csv.gz"])
def test_two_files_for_one_table_are_refused(packed: Packed, second: str, dump: Path, tmp_path: Path) -> None:
    (dump / second).write_bytes((dump / "pit_stops.csv").read_bytes())
    says = rf"holds two files for one table \(.*{second}, .*pit_stops\.csv\); keep one"
    with pytest.raises(SourceError, match=says):
        get(packed(dump), tmp_path / "target")


@pytest.mark.parametrize("packed", [as_folder, as_zip])
def test_a_missing_file_under_another_name_is_named(packed: Packed, dump: Path, tmp_path: Path) -> None:
    (dump / "races.csv").rename(dump / "race.csv")
    with pytest.raises(
        SourceError, match=r"(?s)^races\.csv is missing.*race\.csv is no file.*nearest known name is races\.csv"
    ):
        get(packed(dump), tmp_path / "target")


def test_the_other_form_of_a_file_is_named(dump: Path, tmp_path: Path) -> None:
    import gzip

    (dump / "races.csv.gz").write_bytes(gzip.compress((dump / "races.csv").read_bytes()))
    assert get(dump, tmp_path / "target")[1] == ["not read: races.csv.gz, because races.csv holds the same"]


def test_a_zip_made_on_windows(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "windows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(dump.iterdir()):
            info = zipfile.ZipInfo()
            info.filename = f"dump\\{file.name}"
            archive.writestr(info, file.read_bytes())
    assert get(path, tmp_path / "target")[0] == get(dump, tmp_path / "again")[0]


def test_laps_name_what_they_do_not_read(tmp_path: Path) -> None:
    small_laps(tmp_path / "feed")
    (tmp_path / "feed" / "wheather.csv").write_text("raceId,Time\n")
    (tmp_path / "target").mkdir()
    notes: list[str] = []
    fetch_checked(LAPS, str(tmp_path / "feed"), FastF1LapsSettings(), tmp_path / "target", notes)
    assert notes == ["not read: wheather.csv is no file of lap data; the nearest known name is weather.parquet"]


def test_variants_of_columns(dump: Path, tmp_path: Path) -> None:
    expected = get(dump, tmp_path / "expected")
    path = dump / "results.csv"
    header, rest = path.read_text().split("\n", 1)
    path.write_text(header.replace("raceId", "race_id").replace("positionOrder", "Position Order") + "\n" + rest)
    assert get(dump, tmp_path / "target") == expected
    path.write_text(header.replace("points", "race_id") + "\n" + rest)
    with pytest.raises(SourceError, match=r"results\.csv lacks the column 'points'"):
        get(dump, tmp_path / "lacks")
    path.write_text(header.replace("raceId", "race_id").replace("points", "RaceID") + "\n" + rest)
    with pytest.raises(SourceError, match=r"results\.csv has two columns called 'race_id' \('race_id', 'RaceID'\)"):
        get(dump, tmp_path / "twice")


@pytest.mark.parametrize("module", [format, choice])
def test_examples_run(module: object) -> None:
    import doctest

    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["pit_stops.txt", "pitStops.json", "pit_stops.csv.bz2", "pit_stops.csv.txt"])
def test_a_known_table_in_a_form_that_is_not_read_is_named(name: str, dump: Path, tmp_path: Path) -> None:
    (dump / "pit_stops.csv").rename(dump / name)
    notes = fetch_files(str(dump), FORMATS["results"], FetchSettings(), _empty(tmp_path))
    assert [note for note in notes if f"not read: {name}" in note]


def test_known_files_in_folders_and_zip_files_of_a_folder_are_named(dump: Path, tmp_path: Path) -> None:
    (dump / "more").mkdir()
    (dump / "pit_stops.csv").rename(dump / "more" / "pit_stops.csv")
    (dump / "archive.zip").write_bytes(b"")
    notes = "\n".join(fetch_files(str(dump), FORMATS["results"], FetchSettings(), _empty(tmp_path)))
    assert "not read: more/pit_stops.csv lies in a folder of its own" in notes
    assert f"not read: archive.zip; to read it, give {dump / 'archive.zip'} as the location" in notes


def test_locks_of_an_editor_and_notes_of_a_system_are_no_files(dump: Path, tmp_path: Path) -> None:
    for name in ("~$results.csv", "._results.csv"):
        (dump / name).write_text("lock")
    assert not fetch_files(str(dump), FORMATS["results"], FetchSettings(), _empty(tmp_path))


def _empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder
