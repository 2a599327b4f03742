"""Make the laps of one race in FastF1's columns from what the API tells of it.

The clock of a race counts from an hour before its scheduled start, as a recording does. What the API leaves open on a lap is taken from its
neighbours: the start of a first lap is that of the race, the end of a lap without a time is the start of the next one. A last lap without a
time is one that was not finished.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pitwall.sources.machinery.entrants import Car, Race
from pitwall.sources.machinery.lap_files import Line, RaceFiles
from pitwall.sources.machinery.openf1.pages import Asked, Rows, instant
from pitwall.sources.machinery.openf1.status import CALLED, CLEAR, STARTED, YELLOW, TrackLog, in_force, read_log

BEFORE = timedelta(hours=1)
SETTLES = 2.0  # s after the line by which a place is told
WEATHER = {
    "AirTemp": "air_temperature",
    "TrackTemp": "track_temperature",
    "Humidity": "humidity",
    "Pressure": "pressure",
    "Rainfall": "rainfall",
    "WindDirection": "wind_direction",
    "WindSpeed": "wind_speed",
}
SECTORS = {f"Sector{number}Time": f"duration_sector_{number}" for number in (1, 2, 3)}
SPEEDS = {"SpeedI1": "i1_speed", "SpeedI2": "i2_speed", "SpeedST": "st_speed"}


def race_files(race: Race, asked: Asked) -> RaceFiles:
    """Return the lines of one race.

    Args:
        race: as the results know it.
        asked: what the API tells of it.

    Raises:
        SourceError: an instant does not read.
    """
    clock = _Clock(race.starts_at - BEFORE)
    messages = [(seconds, row) for row in asked.of("race_control") if (seconds := clock(row["date"])) is not None]
    log = read_log(messages)
    start = _start(asked, log, clock)
    if STARTED not in {status for _, status in log.session}:
        log.session.insert(0, (start, STARTED))
    cars, notes = _cars(race, asked)
    head = {"Season": race.season, "RoundNumber": race.round, "raceId": race.race_id}
    weather = [{"raceId": race.race_id, **line} for line in _weather(asked, clock)]
    made = [
        {**head, **line, **_air(weather, line["LapStartTime"])}
        for number, car in cars.items()
        for line in _Stretch(number, asked, clock, start, log).laps(car)
    ]
    track = [{"raceId": race.race_id, "Time": at, "Status": code, "Message": CALLED[code]} for at, code in log.track]
    session = [{"raceId": race.race_id, "Time": at, "Status": status} for at, status in log.session]
    return RaceFiles(made, weather, track, session, notes)


@dataclass(frozen=True)
class _Clock:
    """Turns instants into seconds of the race's recording."""

    zero: datetime

    def __call__(self, text: Any) -> float | None:
        read = instant(text)
        return None if read is None else round((read - self.zero).total_seconds(), 3)


def _start(asked: Asked, log: TrackLog, clock: _Clock) -> float:
    """Return when the race started: as race control says, else the first start of a first lap, else as it was scheduled."""
    said = [seconds for seconds, status in log.session if status == STARTED]
    first = [clock(row["date_start"]) for row in asked.of("laps") if row["lap_number"] == 1]
    told = [each for each in first if each is not None]
    return said[0] if said else min(told, default=BEFORE.total_seconds())


def _cars(race: Race, asked: Asked) -> tuple[dict[Any, Car], list[str]]:
    """Return the cars by number, and a line for each that the results do not know."""
    cars: dict[Any, Car] = {}
    notes = []
    for row in sorted(asked.of("drivers"), key=lambda row: int(row["driver_number"])):
        number, code = row["driver_number"], row["name_acronym"]
        if car := race.car(code=code, number=number, surname=row.get("last_name")):
            cars[number] = car
        else:
            notes.append(f"not read: car {number} ({code}) of {race.season}-{race.round:02d} is none of the results")
    return cars, notes


class _Stretch:
    """The laps of one car."""

    def __init__(self, number: Any, asked: Asked, clock: _Clock, start: float, log: TrackLog) -> None:
        def own(endpoint: str) -> Rows:
            return [row for row in asked.of(endpoint) if row["driver_number"] == number]

        self._clock, self._start, self._log = clock, start, log
        self._laps = sorted(own("laps"), key=lambda row: int(row["lap_number"]))
        self._stints = own("stints")
        self._pits = {int(row["lap_number"]): row for row in own("pit")}
        told = sorted((at, row["position"]) for row in own("position") if (at := clock(row["date"])) is not None)
        self._told, self._places = [at for at, _ in told], [place for _, place in told]

    def laps(self, car: Car) -> Iterator[Line]:
        """Yield the lines of the car's laps; a lap of which nothing says when it was is left out."""
        starts = [self._began(row) for row in self._laps]
        out: float | None = None
        for row, began, after in zip(self._laps, starts, [*starts[1:], None], strict=False):
            if began is None:
                continue
            ended = self._ended(row, began, after)
            pit_in, pit_out = self._pit(int(row["lap_number"]), began, ended)
            end = began if ended is None else ended
            line: Line = {"driverId": car.driver_id, "constructorId": car.constructor_id}
            line |= {"LapNumber": int(row["lap_number"]), **_lap_time(row, began, ended)}
            line |= {"LapStartTime": began, "Time": end}
            line |= {"Position": None if ended is None else self._place(end), "PitInTime": pit_in, "PitOutTime": out}
            line |= {name: row.get(field) for name, field in (SECTORS | SPEEDS).items()} | self._tyres(row)
            status = in_force(self._log.track, began, max(end, began + 0.001))
            plain = pit_in is None and out is None and set(status) <= {CLEAR, YELLOW} and _is_timed(row)
            line |= {"TrackStatus": status, "IsAccurate": plain, "FastF1Generated": ended is None}
            yield line
            out = pit_out

    def _began(self, row: Mapping[str, Any]) -> float | None:
        began = self._clock(row["date_start"])
        return self._start if began is None and row["lap_number"] == 1 else began

    def _ended(self, row: Mapping[str, Any], began: float, after: float | None) -> float | None:
        """Return when a lap ended, None for one that did not."""
        if row["lap_duration"]:
            return round(began + float(row["lap_duration"]), 3)
        sectors = [float(row.get(field) or 0.0) for field in SECTORS.values()]
        return after if after is not None else (round(began + sum(sectors), 3) if all(sectors) else None)

    def _pit(self, lap: int, began: float, ended: float | None) -> tuple[float | None, float | None]:
        """Return when the car came into the pit lane on this lap, and when it left."""
        row = self._pits.get(lap)
        at = None if row is None else self._clock(row["date"])
        if row is None or at is None:
            return None, None
        came = min(max(at, began), at if ended is None else ended)
        return came, round(came + float(row["pit_duration"]), 3) if row.get("pit_duration") else None

    def _place(self, end: float) -> Any:
        place = bisect_right(self._told, end + SETTLES)
        return self._places[place - 1] if place else None

    def _tyres(self, row: Mapping[str, Any]) -> Line:
        lap = int(row["lap_number"])
        for stint in self._stints:
            if int(stint["lap_start"]) <= lap <= int(stint["lap_end"]):
                age = stint["tyre_age_at_start"]
                life = None if age is None else int(age) + lap - int(stint["lap_start"]) + 1
                told = {"Stint": stint["stint_number"], "Compound": stint["compound"]}
                return {**told, "TyreLife": life, "FreshTyre": None if age is None else int(age) == 0}
        return {"Stint": None, "Compound": None, "TyreLife": None, "FreshTyre": None}


def _lap_time(row: Mapping[str, Any], began: float, ended: float | None) -> Line:
    """Return a lap's time and where it is from; that of a first lap is what the clock says."""
    if row["lap_duration"]:
        return {"LapTime": float(row["lap_duration"]), "LapTimeSource": "timing"}
    derived = ended is not None and row["lap_number"] == 1
    return {"LapTime": round(ended - began, 3) if ended is not None and derived else None, "LapTimeSource": "derived"}


def _is_timed(row: Mapping[str, Any]) -> bool:
    """Return whether a lap's time is that of a whole lap on the track, timed in all its parts."""
    timed = bool(row["lap_duration"]) and all(row.get(field) for field in SECTORS.values())
    return timed and not row.get("is_pit_out_lap")


def _weather(asked: Asked, clock: _Clock) -> Iterator[Line]:
    for row in sorted(asked.of("weather"), key=lambda row: str(row["date"])):
        air = {name: row.get(field) for name, field in WEATHER.items()}
        rain = air["Rainfall"]
        yield {"Time": clock(row["date"]), **air, "Rainfall": None if rain is None else bool(rain)}


def _air(weather: list[Line], start: float) -> Line:
    """Return the last sample at or before the start of a lap."""
    place = bisect_right([line["Time"] for line in weather], start)
    return {name: weather[place - 1][name] for name in WEATHER} if place else dict.fromkeys(WEATHER)
