"""Files of a source of laps that are not what they should be are refused, in a process with limits, with advice."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pitwall.domain.errors import SourceError
from pitwall.sources.fastf1_laps import SOURCE, FastF1LapsSettings
from pitwall.sources.machinery.fetching import inspect_parquet, sandbox
from pitwall.sources.machinery.fetching.inspect import inspect
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.snapshots.store import fetch_checked

LAPS = pd.DataFrame(
    {
        **{"Season": 2020, "RoundNumber": 1, "raceId": 1, "driverId": [1, 2], "constructorId": 1, "LapNumber": 1},
        **{"LapTime": 90.0, "LapStartTime": 0.0, "Time": 90.0},
    }
)


def write(folder: Path, laps: pd.DataFrame = LAPS, name: str = "laps_2020.parquet") -> Path:
    laps.to_parquet(folder / name)
    return folder


def test_only_the_files_of_laps_are_taken_from_a_folder_or_zip(tmp_path: Path) -> None:
    origin, fetched, unpacked = (tmp_path / name for name in ("origin", "fetched", "unpacked"))
    for folder in (origin, fetched, unpacked):
        folder.mkdir()
    write(write(origin), name="laps_2021.parquet")
    LAPS.to_csv(origin / "laps_2021.csv", index=False)  # parquet is the preferred form
    (origin / "results.csv").write_text("not ours\n")
    with zipfile.ZipFile(tmp_path / "laps.zip", "w") as archive:
        for name in ("laps_2020.parquet", "laps_2021.parquet", "results.csv"):
            archive.write(origin / name, f"data/{name}")
    rows = fetch_checked(SOURCE, str(origin), FastF1LapsSettings(), fetched)
    assert rows == {"laps_2020.parquet": 2, "laps_2021.parquet": 2}
    assert fetch_checked(SOURCE, str(tmp_path / "laps.zip"), FastF1LapsSettings(), unpacked) == rows


def test_a_folder_without_laps_names_what_is_missing(tmp_path: Path) -> None:
    pd.DataFrame({"raceId": [1], "Time": [0.0]}).to_parquet(tmp_path / "weather.parquet")
    with pytest.raises(SourceError, match=r"^laps_<season>\.parquet is missing.*lap data"):
        inspect(tmp_path, "laps")


@pytest.mark.parametrize(
    ("laps", "says"),
    [
        (LAPS.rename(columns={"LapNumber": "LapsNumber"}), r"lacks the column 'LapNumber'.*did 'LapsNumber' take"),
        (LAPS.assign(LapNumber=pd.to_timedelta(90, "s")), r"'LapNumber' is of type duration"),
        (LAPS.assign(Time=pd.Timestamp("2020-01-01")), r"'Time' is of type timestamp"),
        (LAPS.assign(LapTime=[[90.0], [91.0]]), r"'LapTime' is of type list"),
        (LAPS[:0], r"has a header but no rows"),
    ],
)
def test_a_wrong_column_is_named(laps: pd.DataFrame, says: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"laps_2020\.parquet.*{says}"):
        inspect(write(tmp_path, laps), "laps")


def test_other_columns_may_be_anything(tmp_path: Path) -> None:
    assert inspect(write(tmp_path, LAPS.assign(Notes=[["a"], ["b"]])), "laps") == {"laps_2020.parquet": 2}


@pytest.mark.parametrize("damage", ["text", "cut", "values"])
def test_a_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    path = write(tmp_path, LAPS) / "laps_2020.parquet"
    content = path.read_bytes()
    broken = {"text": b"PAR1 no", "cut": content[: len(content) // 2], "values": content[:4] + bytes(80) + content[84:]}
    path.write_bytes(broken[damage])
    with pytest.raises(SourceError, match=r"laps_2020\.parquet is damaged or no parquet file"):
        inspect(tmp_path, "laps")


def test_a_file_that_unpacks_to_far_more_than_it_weighs_ends_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "laps_2020.parquet"
    block = pa.table({column: np.zeros(1 << 20) for column in LAPS})
    with pq.ParquetWriter(path, block.schema, compression="zstd") as writer:
        for _ in range(5):
            writer.write_table(block)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(SourceError, match=r"unpacks to more than 256 MB"):
        inspect_parquet.parquet_rows(path, FORMATS["laps"].files["laps"], 256 << 20)


def test_two_forms_of_one_table_are_refused(tmp_path: Path) -> None:
    LAPS.to_csv(tmp_path / "laps_2021.csv", index=False)
    with pytest.raises(SourceError, match=r"laps_2020\.parquet and laps_2021\.csv differ in form"):
        inspect(write(tmp_path), "laps")


def test_parquet_is_read_in_the_limited_process(tmp_path: Path) -> None:
    assert sandbox.inspect_folder(write(tmp_path), "laps") == {"laps_2020.parquet": 2}
