"""Write the files of a source of laps: one of laps per season, and the three logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Line = dict[str, Any]


@dataclass(frozen=True)
class RaceFiles:
    """The lines of one race for each file, laps in FastF1's columns with ids in front, and what was left out, in words."""

    laps: list[Line]
    weather: list[Line]
    track_status: list[Line]
    session_status: list[Line]
    notes: list[str]


def write_lap_files(folder: Path, races: Iterable[RaceFiles]) -> None:
    """Write the lines of races as parquet; a log without lines has no file."""
    by_file: dict[str, list[Line]] = {}
    for race in races:
        for line in race.laps:
            by_file.setdefault(f"laps_{line['Season']}", []).append(line)
        for name in ("weather", "track_status", "session_status"):
            by_file.setdefault(name, []).extend(getattr(race, name))
    for name, lines in by_file.items():
        if lines:
            _write(folder / f"{name}.parquet", lines)


def _write(path: Path, lines: Sequence[Line]) -> None:
    import pandas as pd

    frame = pd.DataFrame(lines)
    for column in frame:
        if frame[column].dtype == object and frame[column].isna().any():  # a column of nulls and one kind of value
            frame[column] = frame[column].convert_dtypes()
    frame.to_parquet(path, index=False)
