"""The Jolpica API over a dump: the same paths, paging and objects, made from the files of a folder in Ergast's format.

Written from github.com/jolpica/jolpica-f1, docs/README.md, docs/rate_limits.md, docs/ergast_differences.md and docs/endpoints/*.md, as read on
2026-11-30; nothing is copied from there. Not documented, and assumed: validators (ETag) and `application/json` as the content type, as of
Django; rows of a season in the order of round and place; laps counted by timings in `total`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pitwall.testing.sites.site import Answer, as_json

Line = dict[str, str]
MOST = 100
SESSIONS = {
    "fp1": "FirstPractice",
    "fp2": "SecondPractice",
    "fp3": "ThirdPractice",
    "quali": "Qualifying",
    "sprint": "Sprint",
}


class JolpicaApi:
    """Answers `{season}/results.json?limit=100&offset=0` and its sisters from a dump."""

    def __init__(self, dump: Path) -> None:
        self.tables = {path.stem: read_lines(path) for path in sorted(dump.glob("*.csv"))}
        self._drivers = {line["driverId"]: _driver(line) for line in self._table("drivers")}
        self._teams = {line["constructorId"]: _team(line) for line in self._table("constructors")}
        self._circuits = {line["circuitId"]: _circuit(line) for line in self._table("circuits")}
        self._status = {line["statusId"]: line["status"] for line in self._table("status")}
        self._races = {line["raceId"]: line for line in self._table("races")}

    def __call__(self, path: str) -> Answer:
        """Answer a path with its query; KeyError where there is no such resource."""
        parts = urlsplit(path)
        *where, resource = parts.path.strip("/").removesuffix(".json").split("/")
        query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
        limit, offset = min(query.get("limit", 30), MOST), query.get("offset", 0)
        table, content, total = self._resource(resource, where, slice(offset, offset + limit))
        told = {"xmlns": "", "series": "f1", "url": f"http://api.jolpi.ca/ergast/f1{parts.path}"}
        counts = {"limit": str(limit), "offset": str(offset), "total": str(total)}
        return as_json({"MRData": {**told, **counts, table: content}})

    def _resource(self, resource: str, where: list[str], part: slice) -> tuple[str, dict[str, Any], int]:
        if resource == "status":
            rows = [
                {"statusId": line["statusId"], "count": "1", "status": line["status"]} for line in self._table("status")
            ]
            return "StatusTable", {"Status": rows[part]}, len(rows)
        season = {"season": where[0], **({"round": where[1]} if len(where) > 1 else {})}
        if resource == "races":
            races = [self._race(line, SESSIONS) for line in self._of("races", where)]
            return "RaceTable", {**season, "Races": races[part]}, len(races)
        table, group, row = self._kinds()[resource]
        lines = self._of(table, where)
        name = "StandingsLists" if "standings" in resource else "Races"
        groups = list(self._grouped(lines[part], group, row, standings=name != "Races"))
        return ("StandingsTable" if name != "Races" else "RaceTable"), {**season, name: groups}, len(lines)

    def _kinds(self) -> dict[str, tuple[str, str, Callable[[Line], Any]]]:
        """Return by resource: the dump's table, the name of the list in a race, and what makes a row."""
        return {
            "results": ("results", "Results", self._result),
            "sprint": ("sprint_results", "SprintResults", self._result),
            "qualifying": ("qualifying", "QualifyingResults", self._qualified),
            "pitstops": ("pit_stops", "PitStops", self._stop),
            "laps": ("lap_times", "Laps", self._timing),
            "driverstandings": ("driver_standings", "DriverStandings", self._standing),
            "constructorstandings": ("constructor_standings", "ConstructorStandings", self._standing),
        }

    def _grouped(
        self, lines: Iterable[Line], group: str, row: Callable[[Line], Any], *, standings: bool
    ) -> Iterator[dict[str, Any]]:
        """Yield the races (or lists of standings) that the lines are of, each with its rows."""
        by_race: dict[str, list[Line]] = {}
        for line in lines:
            by_race.setdefault(line["raceId"], []).append(line)
        for race_id, of_race in by_race.items():
            race = self._races[race_id]
            head = {"season": race["year"], "round": race["round"]} if standings else self._race(race, {})
            if group == "Laps":
                laps: dict[str, list[Any]] = {}
                for line in of_race:
                    laps.setdefault(line["lap"], []).append(row(line))
                yield {**head, "Laps": [{"number": lap, "Timings": timings} for lap, timings in laps.items()]}
            else:
                yield {**head, group: [row(line) for line in of_race]}

    def _of(self, table: str, where: list[str]) -> list[Line]:
        """Return a table's lines of a season, or of a round, in the API's order."""
        races = {
            race_id: int(race["round"])
            for race_id, race in self._races.items()
            if race["year"] == where[0] and (len(where) < 2 or race["round"] == where[1])
        }
        lines = [line for line in self._table(table) if line["raceId"] in races]
        return sorted(lines, key=lambda line: (races[line["raceId"]], _place(line)))

    def _table(self, name: str) -> list[Line]:
        return self.tables.get(name, [])

    def _race(self, line: Line, sessions: dict[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = {"season": line["year"], "round": line["round"], "url": "", "raceName": line["name"]}
        told |= {"Circuit": self._circuits[line["circuitId"]], "date": line["date"]}
        told |= {"time": f"{line['time']}Z"} if line.get("time") else {}
        times = {}
        for key, name in sessions.items():
            if date := line.get(f"{key}_date"):
                time = {"time": f"{line[f'{key}_time']}Z"} if f"{key}_time" in line else {}
                times[name] = {"date": date, **time}
        return {**told, **times}

    def _result(self, line: Line) -> dict[str, Any]:
        told: dict[str, Any] = {"number": line.get("number", ""), "position": line["positionOrder"]}
        told |= {"positionText": line.get("positionText") or line.get("position") or "R", "points": line["points"]}
        told |= {"Driver": self._drivers[line["driverId"]], "Constructor": self._teams[line["constructorId"]]}
        told |= {name: line[name] for name in ("grid", "laps") if line.get(name)}
        told["status"] = self._status[line["statusId"]]
        if line.get("milliseconds"):
            told["Time"] = {"millis": line["milliseconds"], "time": line.get("time", "")}
        if line.get("fastestLapTime"):
            lap = {name: line[key] for name, key in (("rank", "rank"), ("lap", "fastestLap")) if line.get(key)}
            told["FastestLap"] = {**lap, "Time": {"time": line["fastestLapTime"]}}
        return told

    def _qualified(self, line: Line) -> dict[str, Any]:
        told: dict[str, Any] = {"number": line.get("number", ""), "position": line["position"]}
        told |= {"Driver": self._drivers[line["driverId"]], "Constructor": self._teams[line["constructorId"]]}
        return told | {name.upper(): line[name] for name in ("q1", "q2", "q3") if line.get(name)}

    def _stop(self, line: Line) -> dict[str, Any]:
        told = {"driverId": self._drivers[line["driverId"]]["driverId"], "lap": line["lap"], "stop": line["stop"]}
        return {**told, "time": line.get("time") or "14:00:00", "duration": _clock(int(line["milliseconds"]))}

    def _timing(self, line: Line) -> dict[str, Any]:
        driver = self._drivers[line["driverId"]]["driverId"]
        return {"driverId": driver, "position": line.get("position", ""), "time": _clock(int(line["milliseconds"]))}

    def _standing(self, line: Line) -> dict[str, Any]:
        told: dict[str, Any] = {name: line[name] for name in ("position", "points", "wins") if line.get(name)}
        told["positionText"] = line.get("position") or "-"
        if "driverId" in line:
            return {**told, "Driver": self._drivers[line["driverId"]], "Constructors": []}
        return {**told, "Constructor": self._teams[line["constructorId"]]}


def read_lines(path: Path) -> list[Line]:
    """Return the lines of a file of a dump, without what is null."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {name: value for name, value in line.items() if value not in ("", "\\N")} for line in csv.DictReader(stream)
        ]


def _place(line: Line) -> tuple[int, int, int]:
    """Return where a line stands within its race: laps and stops by lap, results by place."""
    lap = int(line["lap"]) if "lap" in line else 0
    place = line.get("positionOrder") or line.get("position") or "999"
    return lap, int(place), int(line.get("driverId") or line.get("constructorId") or 0)


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}:{rest / 1000:06.3f}" if minutes else f"{rest / 1000:.3f}"


def _driver(line: Line) -> dict[str, str]:
    names = {
        "driverRef": "driverId",
        "number": "permanentNumber",
        "code": "code",
        "forename": "givenName",
        "surname": "familyName",
        "dob": "dateOfBirth",
        "nationality": "nationality",
    }
    return {new: line[old] for old, new in names.items() if old in line}


def _team(line: Line) -> dict[str, str]:
    return {"constructorId": line["constructorRef"], "name": line["name"], "nationality": line.get("nationality", "")}


def _circuit(line: Line) -> dict[str, Any]:
    place = {"lat": line.get("lat", ""), "long": line.get("lng", "")}
    place |= {"locality": line.get("location", ""), "country": line.get("country", "")}
    return {"circuitId": line["circuitRef"], "circuitName": line["name"], "Location": place}
