"""Make the files of one race from a session that the library has loaded: ids in front, times in seconds."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.entrants import Car, Race
from pitwall.sources.machinery.lap_files import Line, RaceFiles
from pitwall.sources.machinery.reading.format import nearest
from pitwall.sources.machinery.reading.schema import FORMATS

IDS = ("Season", "RoundNumber", "raceId", "driverId", "constructorId")
NAMED = ("Driver", "DriverNumber")
LOGS = {"weather_data": "weather", "track_status": "track_status", "session_status": "session_status"}


def race_files(race: Race, session: Any) -> RaceFiles:
    """Return the lines of one race.

    Args:
        race: as the results know it.
        session: of the library, loaded.

    Raises:
        SourceError: the library gives tables of another form.
    """
    laps = _with_air(_seconds(session.laps), _seconds(session.weather_data))
    _check(laps, "laps")
    cars, notes = _cars(race, laps)
    known = laps[laps["DriverNumber"].astype(str).isin(cars)]
    ids = pd.DataFrame({"Season": race.season, "RoundNumber": race.round, "raceId": race.race_id}, index=known.index)
    of_car = known["DriverNumber"].astype(str).map(cars)
    ids["driverId"] = [car.driver_id for car in of_car]
    ids["constructorId"] = [car.constructor_id for car in of_car]
    columns = [name for name in FORMATS["laps"].files["laps"].columns if name in laps and name not in IDS]
    made = {name: _log(race, session, attribute, name) for attribute, name in LOGS.items()}
    return RaceFiles(_lines(ids.join(known[columns])), **made, notes=notes)


def _log(race: Race, session: Any, attribute: str, name: str) -> list[Line]:
    rows = _seconds(getattr(session, attribute))
    _check(rows, name)
    columns = [column for column in FORMATS["laps"].files[name].columns if column in rows]
    return [{"raceId": race.race_id, **line} for line in _lines(rows[columns])]


def _cars(race: Race, laps: pd.DataFrame) -> tuple[dict[str, Car], list[str]]:
    cars: dict[str, Car] = {}
    notes = []
    for code, number in sorted(set(zip(laps["Driver"].astype(str), laps["DriverNumber"].astype(str), strict=True))):
        if car := race.car(code=code, number=number):
            cars[number] = car
        else:
            notes.append(f"not read: car {number} ({code}) of {race.season}-{race.round:02d} is none of the results")
    return cars, notes


def _check(rows: pd.DataFrame, name: str) -> None:
    """Refuse a table that lacks a column which must be there."""
    file = FORMATS["laps"].files[name]
    needed = [*file.needed, *(NAMED if name == "laps" else ())]
    missing = [column for column in needed if column not in rows and column not in IDS]
    if missing:
        near = nearest(missing[0], list(rows))
        raise SourceError(
            f"fastf1: {name} lacks the column {missing[0]!r} (found: {', '.join(map(str, rows)) or 'none'}){f'; is it {near!r}?' if near else ''} "
            "Is it another version of the library?"
        )


def _with_air(laps: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Give each lap the last sample of the weather at or before its start."""
    if "LapStartTime" not in laps or weather.empty:
        return laps
    ordered = (
        laps.assign(_turn=range(len(laps))).dropna(subset=["LapStartTime"]).sort_values("LapStartTime", kind="stable")
    )
    samples = weather.sort_values("Time", kind="stable").rename(columns={"Time": "_sampled"})
    joined = pd.merge_asof(ordered, samples, left_on="LapStartTime", right_on="_sampled")
    return joined.sort_values("_turn").drop(columns=["_turn", "_sampled"]).reset_index(drop=True)


def _seconds(rows: Any) -> pd.DataFrame:
    """Return a plain frame whose timedeltas are seconds."""
    frame = pd.DataFrame(rows).reset_index(drop=True)
    for column in frame:
        if pd.api.types.is_timedelta64_dtype(frame[column]):
            frame[column] = frame[column].dt.total_seconds().round(3)
    return frame


def _lines(rows: pd.DataFrame) -> list[Line]:
    plain = rows.astype(object).where(rows.notna(), None)
    return [{str(name): value for name, value in line.items()} for line in plain.to_dict("records")]
