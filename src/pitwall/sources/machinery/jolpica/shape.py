"""Make the lines of an Ergast dump from the rows of the API.

The API calls drivers, teams and circuits by name and races by season and round; the dump has numbers. A race is known by season and name, which
stay when a calendar is renumbered. `Ids` gives the numbers, in order of first appearance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.jolpica.fields import CHANGED, get, need, need_text, need_whole
from pitwall.sources.machinery.jolpica.pages import (
    CONSTRUCTOR_STANDINGS,
    DRIVER_STANDINGS,
    LAPS,
    PIT_STOPS,
    QUALIFYING,
    RACES,
    RESULTS,
    SPRINT,
    Row,
)
from pitwall.sources.machinery.jolpica.season import Season
from pitwall.sources.machinery.reading.values import seconds
from pitwall.sources.machinery.web.ids import Ids

Line = dict[str, Any]
Tables = dict[str, list[Line]]
SESSIONS = {
    "FirstPractice": "fp1",
    "SecondPractice": "fp2",
    "ThirdPractice": "fp3",
    "Qualifying": "quali",
    "Sprint": "sprint",
}
PER_RACE = 1000  # result ids of one race


class Shape:
    """The dump as it grows, season by season."""

    def __init__(self, ids: Ids, statuses: Iterable[Row]) -> None:
        self._ids = ids
        self._people: dict[str, dict[str, Line]] = {"drivers": {}, "constructors": {}, "circuits": {}}
        self._statuses: dict[str, Line] = {}
        self.tables: Tables = {}
        for _, row in statuses:
            ids.give("status", need_text(row, "status", "status"), need_whole(row, "statusId", "status"))

    def add(self, season: Season) -> None:
        """Add the rows of one season."""
        where = str(season.year)
        races = {self._race(race, where): race for _, race in season.rows[RACES]}
        if len(races) != len(season.rows[RACES]):
            raise SourceError(f"{where}: two races have the same name; a race is known by season and name. {CHANGED}")
        by_round = {need_text(race, "round", where): number for number, race in races.items()}
        self._add("seasons", [{"year": season.year}])
        self._add("races", [self._calendar(number, race) for number, race in races.items()])
        for resource, table, line in (
            (RESULTS, "results", self._result),
            (SPRINT, "sprint_results", self._result),
            (QUALIFYING, "qualifying", self._qualified),
            (PIT_STOPS, "pit_stops", self._stop),
            (LAPS, "lap_times", self._lap),
            (DRIVER_STANDINGS, "driver_standings", self._standing),
            (CONSTRUCTOR_STANDINGS, "constructor_standings", self._team_standing),
        ):
            seen = dict[int, int]()
            lines = []
            for group, row in season.rows.get(resource, []):
                race = by_round.get(need_text(group, "round", where)) or self._race(group, where)
                seen[race] = seen.get(race, 0) + 1
                lines.append({"raceId": race, **line(group, row, race * PER_RACE + seen[race])})
            self._add(table, lines)

    def finished(self) -> Tables:
        """Return all tables."""
        people = {name: list(lines.values()) for name, lines in self._people.items()}
        return {**self.tables, **people, "status": list(self._statuses.values()), "ids": self._ids.lines()}

    def _add(self, table: str, lines: Iterable[Line]) -> None:
        self.tables.setdefault(table, []).extend(lines)

    def _race(self, race: Any, where: str) -> int:
        return self._ids.number("race", f"{need_text(race, 'season', where)} {need_text(race, 'raceName', where)}")

    def _calendar(self, number: int, race: Mapping[str, Any]) -> Line:
        where = f"race {need_text(race, 'season', 'races')}/{need_text(race, 'round', 'races')}"
        line: Line = {"raceId": number, "year": race["season"], "round": race["round"]}
        line |= {"circuitId": self._circuit(need(race, "Circuit", where), where), "name": race["raceName"]}
        line |= {"date": need_text(race, "date", where), "time": _clock(race.get("time")), "url": race.get("url")}
        for field, session in SESSIONS.items():
            line |= {
                f"{session}_date": get(race, field, "date"),
                f"{session}_time": _clock(get(race, field, "time")),
            }
        return line

    def _result(self, _group: Any, row: Any, number: int) -> Line:
        where = "a result"
        place = need_text(row, "positionText", where)
        return {
            "resultId": number,
            **self._car(row, where),
            "grid": get(row, "grid"),
            "position": place if place.isdigit() else None,
            "positionText": place,
            "positionOrder": need_text(row, "position", where),
            "points": need_text(row, "points", where),
            "laps": get(row, "laps") or 0,
            "time": get(row, "Time", "time"),
            "milliseconds": get(row, "Time", "millis"),
            "fastestLap": get(row, "FastestLap", "lap"),
            "rank": get(row, "FastestLap", "rank"),
            "fastestLapTime": get(row, "FastestLap", "Time", "time"),
            "fastestLapSpeed": get(row, "FastestLap", "AverageSpeed", "speed"),
            "statusId": self._status(get(row, "status") or place),
        }

    def _qualified(self, _group: Any, row: Any, number: int) -> Line:
        laps = {f"q{part}": get(row, f"Q{part}") or None for part in (1, 2, 3)}
        return {"qualifyId": number, **self._car(row, "a qualifying"), "position": get(row, "position"), **laps}

    def _stop(self, _group: Any, row: Any, _number: int) -> Line:
        where, duration = "a pit stop", get(row, "duration")
        return {
            "driverId": self._ids.number("driver", need_text(row, "driverId", where)),
            **{name: need_text(row, name, where) for name in ("stop", "lap")},
            "time": get(row, "time"),
            "duration": duration,
            "milliseconds": _milliseconds(duration),
        }

    def _lap(self, group: Any, row: Any, _number: int) -> Line:
        where, time = "a lap", get(row, "time")
        driver = self._ids.number("driver", need_text(row, "driverId", where))
        line = {"driverId": driver, "lap": group["number"], "position": get(row, "position")}
        return {**line, "time": time, "milliseconds": _milliseconds(time)}

    def _standing(self, _group: Any, row: Any, _number: int) -> Line:
        driver = self._driver(need(row, "Driver", "a standing"))
        return {"driverId": driver, **_points(row)}

    def _team_standing(self, _group: Any, row: Any, _number: int) -> Line:
        team = self._constructor(need(row, "Constructor", "a standing"))
        return {"constructorId": team, **_points(row)}

    def _car(self, row: Any, where: str) -> Line:
        driver, team = self._driver(need(row, "Driver", where)), self._constructor(need(row, "Constructor", where))
        return {"driverId": driver, "constructorId": team, "number": get(row, "number")}

    def _driver(self, driver: Any) -> int:
        ref = need_text(driver, "driverId", "a driver")
        number = self._ids.number("driver", ref)
        self._people["drivers"][ref] = {
            "driverId": number,
            "driverRef": ref,
            "number": driver.get("permanentNumber"),
            "code": driver.get("code"),
            "forename": driver.get("givenName"),
            "surname": need_text(driver, "familyName", f"the driver {ref}"),
            "dob": driver.get("dateOfBirth"),
            "nationality": driver.get("nationality"),
            "url": driver.get("url"),
        }
        return number

    def _constructor(self, team: Any) -> int:
        ref = need_text(team, "constructorId", "a constructor")
        number = self._ids.number("constructor", ref)
        told = {"name": need_text(team, "name", f"the constructor {ref}"), "nationality": team.get("nationality")}
        line = {"constructorId": number, "constructorRef": ref, **told, "url": team.get("url")}
        self._people["constructors"][ref] = line
        return number

    def _circuit(self, circuit: Any, where: str) -> int:
        ref = need_text(circuit, "circuitId", where)
        number = self._ids.number("circuit", ref)
        self._people["circuits"][ref] = {
            "circuitId": number,
            "circuitRef": ref,
            "name": need_text(circuit, "circuitName", f"the circuit {ref}"),
            "location": get(circuit, "Location", "locality"),
            "country": get(circuit, "Location", "country"),
            "lat": get(circuit, "Location", "lat"),
            "lng": get(circuit, "Location", "long"),
            "url": circuit.get("url"),
        }
        return number

    def _status(self, text: str) -> int:
        number = self._ids.number("status", text)
        self._statuses[text] = {"statusId": number, "status": text}
        return number


def _points(row: Any) -> Line:
    told = {name: need_text(row, name, "a standing") for name in ("points", "wins")}
    return {"position": get(row, "position"), "positionText": get(row, "positionText"), **told}


def _clock(time: Any) -> str | None:
    return str(time).removesuffix("Z") if time else None


def _milliseconds(time: Any) -> int | None:
    read = seconds(str(time)) if time else None
    return None if read is None else round(1000 * read)
