"""A library that looks like FastF1 as far as Pitwall uses it, over the laps of a dump.

Written from docs.fastf1.dev (get_session, Cache.enable_cache, Session.load, laps, weather_data, track_status, session_status), as read on 2026-11-30. Not
documented, and assumed: a race that is not there raises ValueError.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from pitwall.testing.sites.jolpica_api import read_lines

TIMES = (
    *("LapTime", "LapStartTime", "Time", "PitInTime", "PitOutTime"),
    *("Sector1Time", "Sector2Time", "Sector3Time"),
)
AIR = ("AirTemp", "TrackTemp", "Humidity", "Pressure", "Rainfall", "WindDirection", "WindSpeed")
IDS = ("Season", "RoundNumber", "raceId", "driverId", "constructorId")


class Session:
    """A race: its tables are there after `load`."""

    def __init__(self, folder: Path, race_id: int, names: pd.DataFrame) -> None:
        self._folder, self._race, self._names = folder, race_id, names

    def load(self, *, laps: bool, telemetry: bool, weather: bool, messages: bool) -> None:
        """Load the tables, times as timedeltas, drivers by code and number."""
        assert laps and weather and messages and not telemetry
        rows = self._of("laps_*").join(self._names, on="driverId")
        self.laps = _timed(rows.drop(columns=[*IDS, *AIR], errors="ignore"))
        self.weather_data, self.track_status, self.session_status = (
            _timed(self._of(name).drop(columns=list(IDS), errors="ignore"))
            for name in ("weather", "track_status", "session_status")
        )

    def _of(self, pattern: str) -> pd.DataFrame:
        rows = pd.concat([pd.read_parquet(path) for path in sorted(self._folder.glob(f"{pattern}.parquet"))])
        return rows[rows["raceId"] == self._race].reset_index(drop=True)


class FakeFastF1(ModuleType):
    """The module; `sessions` by (season, round), `cached` where it was told to keep things."""

    def __init__(self, folder: Path) -> None:
        super().__init__("fastf1")
        drivers = pd.DataFrame(read_lines(folder / "drivers.csv"))
        names = pd.DataFrame({"Driver": drivers["code"], "DriverNumber": drivers["number"].astype(str)})
        names.index = pd.Index(drivers["driverId"].astype(int))
        raced = {path.stem.removeprefix("laps_") for path in folder.glob("laps_*.parquet")}
        self.cached = ""
        self.sessions = {
            (int(line["year"]), int(line["round"])): Session(folder, int(line["raceId"]), names)
            for line in read_lines(folder / "races.csv")
            if line["year"] in raced
        }
        self.Cache = self

    def enable_cache(self, folder: str) -> None:
        """Take a folder that exists."""
        assert Path(folder).is_dir()
        self.cached = folder

    def get_session(self, season: int, number: int, kind: str) -> Any:
        """Return a race."""
        assert kind == "R"
        if (season, number) not in self.sessions:
            raise ValueError(f"invalid round {number}")
        return self.sessions[season, number]


@contextmanager
def installed(library: ModuleType | None) -> Iterator[None]:
    """Let `import fastf1` give a library inside; nothing where it is None."""
    before = sys.modules.get("fastf1")
    sys.modules["fastf1"] = library  # type: ignore[assignment]  # None makes an import fail
    try:
        yield
    finally:
        del sys.modules["fastf1"]
        if before is not None:
            sys.modules["fastf1"] = before


def _timed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**{name: pd.to_timedelta(rows[name], unit="s") for name in TIMES if name in rows})
