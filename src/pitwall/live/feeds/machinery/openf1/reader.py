"""What rows of OpenF1 say, as events: laps, stints, the pit lane, weather and race control; nothing is told twice.

The race clock begins as race control says that the session has started, else with lap 1: its start as the API tells it, else the first start of a lap 2 less that car's lap 1, else the scheduled
start. A lap ends its own time after its start, without one where the next one of its car begins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from pitwall.live.answer import LiveError
from pitwall.live.events import Event, event, plain
from pitwall.live.feeds.machinery.openf1.client import Client, Rows
from pitwall.live.feeds.machinery.openf1.session import Session, instant
from pitwall.live.race import LiveRace
from pitwall.sources.machinery.openf1.status import CALLED, CLEAR, FINISHED, LIGHTS_OUT, read_log

log = logging.getLogger(__name__)
LAP = {
    "lap_duration": "seconds",
    "duration_sector_1": "sector_1",
    "duration_sector_2": "sector_2",
    "duration_sector_3": "sector_3",
    "i1_speed": "speed_i1",
    "i2_speed": "speed_i2",
    "st_speed": "speed_st",
}
AIR = {
    "air_temperature": "air_temp",
    "track_temperature": "track_temp",
    "humidity": "humidity",
    "pressure": "pressure",
    "wind_direction": "wind_direction",
    "wind_speed": "wind_speed",
}
SECTORS = ("sector_1", "sector_2", "sector_3")
NAMES = ("laps", "stints", "pit", "weather", "race_control")
FORM = (KeyError, TypeError, ValueError)


def cars_of(client: Client, session: Session, race: LiveRace) -> dict[int, tuple[int, int]]:
    """Return by car number who drives it: ids of driver and constructor, found by the driver's code.

    Raises:
        LiveError: the API does not answer, or no code of it is that of a starter.
    """
    entries = race.alone["entries"]
    teams = dict(zip(entries["driver_id"].tolist(), entries["constructor_id"].tolist(), strict=True))
    codes = {race.who[driver].driver: driver for driver in race.starters if driver in race.who}
    rows = client.ask("drivers", session_key=session.key) or []
    found = {
        int(row["driver_number"]): (codes[row["name_acronym"]], int(teams[codes[row["name_acronym"]]]))
        for row in rows
        if row.get("name_acronym") in codes and row.get("driver_number") is not None
    }
    if not found:
        raise LiveError(
            f"none of the {len(rows)} drivers that openf1 tells is a starter of {race.race.label} in the data "
            f"({', '.join(sorted(codes)) or 'no entries'}); ingest the race's entries first."
        )
    return found


class Reader:
    """Turns rows into events.

    Args:
        session: that they are of.
        cars: ids of driver and constructor by car number.
        first: number of the first event; of a session that goes on it must be above those of the one before.
    """

    def __init__(self, session: Session, cars: Mapping[int, tuple[int, int]], first: int = 0) -> None:
        self._session, self._cars = session, cars
        self._start: float | None = None
        self._told: dict[tuple[str, tuple[tuple[str, int], ...]], dict[str, Any]] = {}
        self._laps: dict[tuple[int, int], Mapping[str, Any]] = {}
        self._ends: dict[int, dict[int, float]] = {}
        self._stints: Rows = []
        self._sequence = first
        self.ended_at: float | None = None
        self.heard_at = 0.0

    def questions(self) -> dict[str, dict[str, Any]]:
        """Return what to ask next: every endpoint with its filters; laps from two before the newest on."""
        newest = max((lap for _, lap in self._laps), default=0)
        return {name: {"lap_number>=": max(newest - 2, 1)} if name == "laps" and newest > 3 else {} for name in NAMES}

    def clock(self, now: float) -> float | None:
        """Return an instant (seconds since 1970) on the race clock; None before the race has a start."""
        return None if self._start is None else now - self._start

    def read(self, rows: Mapping[str, Rows]) -> Iterator[Event]:
        """Yield what is news in rows by endpoint; a row of another form is left out and logged."""
        self._stints = rows.get("stints", self._stints)
        for row in rows.get("laps", []):
            if row.get("driver_number") in self._cars and row.get("lap_number"):
                self._laps[int(row["driver_number"]), int(row["lap_number"])] = row
        self._start = self._start if self._start is not None else self._lights_out(rows.get("race_control", []))
        if self._start is None:
            return
        for number, row in enumerate(rows.get("weather", []), start=1):
            yield from self._safely(self._weather, number, row)
        yield from filter(self._is_news, self._control(rows.get("race_control", [])))
        for row in rows.get("pit", []):
            yield from self._safely(self._pit, 0, row)
        for (car, lap), row in sorted(self._laps.items()):
            yield from self._safely(self._lap, lap, {**row, "driver_number": car})

    def _safely(self, tell: Any, number: int, row: Mapping[str, Any]) -> list[Event]:
        try:
            return [each for each in tell(number, row) if self._is_news(each)]
        except FORM as error:
            log.warning("openf1: a row of another form is left out (%s: %s)", type(error).__name__, error)
            return []

    def _is_news(self, each: Event) -> bool:
        where = (each.kind, tuple(sorted(each.key.items())))
        news = self._told.get(where) != each.values
        self._told[where] = dict(each.values)
        return news

    def _lights_out(self, control: Rows) -> float | None:
        """Return the start of the race in seconds since 1970, once race control or a lap tells it."""
        if told := [
            row["date"] for row in control if LIGHTS_OUT in str(row.get("message", "")).upper() and row.get("date")
        ]:
            return instant(min(told))
        first = [
            instant(row["date_start"]) for (_, lap), row in self._laps.items() if lap == 1 and row.get("date_start")
        ]
        second = [
            instant(row["date_start"]) - float(self._laps[car, 1]["lap_duration"])
            for (car, lap), row in self._laps.items()
            if lap == 2 and row.get("date_start") and self._laps.get((car, 1), {}).get("lap_duration")
        ]
        if first or second:
            return min(first or second)
        return self._session.starts if any(lap > 2 for _, lap in self._laps) else None

    def _since(self, text: str) -> float:
        return round(instant(text) - (self._start or 0.0), 3)

    def _event(self, kind: str, at: float, key: Mapping[str, int], values: Mapping[str, Any]) -> Event:
        self._sequence += 1
        return event(kind, at, self._sequence, key, values)

    def _lap(self, lap: int, row: Mapping[str, Any]) -> Iterator[Event]:
        car = int(row["driver_number"])
        begins = self._since(row["date_start"]) if row.get("date_start") else (0.0 if lap == 1 else None)
        after = self._laps.get((car, lap + 1), {}).get("date_start")
        ends = self._since(after) if after else None
        if begins is not None and row.get("lap_duration"):  # the same before and after the next lap has begun
            ends = round(begins + float(row["lap_duration"]), 3)
        if ends is None or begins is None or begins > ends:
            return
        driver, team = self._cars[car]
        key = {"driver_id": driver, "lap": lap}
        self._ends.setdefault(lap, {})[car] = ends
        place = 1.0 + sum(other < ends for other in self._ends[lap].values())
        told = {name: plain(row.get(column)) for column, name in LAP.items()}
        numbers = {name: float(value) for name, value in told.items() if value is not None}
        sectors: dict[str, Any] = {name: value for name, value in numbers.items() if name in SECTORS}
        values = {name: value for name, value in numbers.items() if name not in SECTORS}
        if sectors:
            yield self._event("sector", ends, key, sectors)
        facts = {
            "constructor_id": team,
            "completed": True,
            "place": place,
            "start_seconds": begins,
            "end_seconds": ends,
        }
        yield self._event("lap", ends, key, {**values, **facts, **self._tyres(car, lap)})

    def _tyres(self, car: int, lap: int) -> dict[str, Any]:
        for row in self._stints:
            if row.get("driver_number") == car and row["lap_start"] <= lap <= (row.get("lap_end") or lap):
                age = int(row.get("tyre_age_at_start") or 0)
                told = {"stint": float(row["stint_number"]), "compound": plain(row.get("compound"))}
                return {**told, "tyre_laps": float(age + lap - row["lap_start"] + 1), "new_tyre": age == 0}
        return {}

    def _pit(self, _: int, row: Mapping[str, Any]) -> Iterator[Event]:
        car, lap = int(row["driver_number"]), int(row["lap_number"])
        if car not in self._cars:
            return
        at, driver = self._since(row["date"]), self._cars[car][0]
        yield self._event("pit_in", at, {"driver_id": driver, "lap": lap}, {"pit_in_seconds": at})
        if row.get("pit_duration"):
            out = round(at + float(row["pit_duration"]), 3)
            yield self._event("pit_out", out, {"driver_id": driver, "lap": lap + 1}, {"pit_out_seconds": out})

    def _weather(self, number: int, row: Mapping[str, Any]) -> Iterator[Event]:
        at = self._since(row["date"])
        values = {name: float(row[column]) for column, name in AIR.items() if row.get(column) is not None}
        rain = {} if row.get("rainfall") is None else {"rainfall": bool(row["rainfall"])}
        yield self._event("weather", at, {"sample": number}, {**values, **rain, "seconds": at})

    def _control(self, rows: Rows) -> Iterator[Event]:
        """Yield the states of track and session that all messages so far add up to, as the source of the race's history reads them."""
        said = []
        for row in rows:
            try:
                said.append((self._since(row["date"]), {**row, "message": row.get("message") or ""}))
            except FORM as error:
                log.warning("openf1: a message of another form is left out (%s: %s)", type(error).__name__, error)
        told = read_log(said)
        first = (
            [(min(at for at, _ in said), CLEAR)] if said else []
        )  # the log holds changes alone; a race begins on a clear track
        for number, (at, code) in enumerate([*first, *told.track], start=1):
            values = {"seconds": at, "status": code, "text": CALLED[code]}
            yield self._event("track_status", at, {"message": number}, values)
        for number, (at, status) in enumerate(told.session, start=1):
            yield self._event("session_status", at, {"message": number}, {"seconds": at, "status": status})
            self.ended_at = at if status == FINISHED else self.ended_at
