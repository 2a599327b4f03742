"""A CSV release of F1DB over a dump: the same files and properties, made from a folder in Ergast's format.

Written from github.com/f1db/f1db, README.md and src/schema/current/splitted/*.schema.json, as read on 2026-11-30; nothing is copied from there.
Not documented, and assumed: the zip is called f1db-csv.zip and its files are named like the schemas, with the properties as columns; text without a
value is empty; a race's total time is given for cars on the lead lap.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pitwall.testing.sites.jolpica_api import read_lines
from pitwall.testing.sites.site import Answer

Line = Mapping[str, str]
NAME = "f1db-csv.zip"
SPOKEN = {"R": "DNF", "W": "DNS", "F": "DNQ", "D": "DSQ", "E": "EX", "N": "NC"}
SESSIONS = {
    "fp1": "freePractice1",
    "fp2": "freePractice2",
    "fp3": "freePractice3",
    "quali": "qualifying",
    "sprint": "sprintRace",
}


class F1dbRelease:
    """The files of a release: {name without `f1db-`: lines}; change `files` to plant a fault."""

    def __init__(self, dump: Path) -> None:
        self._tables = {path.stem: read_lines(path) for path in sorted(dump.glob("*.csv"))}
        self._races = {line["raceId"]: line for line in self._tables["races"]}
        self._refs = {
            "driver": {line["driverId"]: line["driverRef"].replace("_", "-") for line in self._tables["drivers"]},
            "constructor": {
                line["constructorId"]: line["constructorRef"].replace("_", "-") for line in self._tables["constructors"]
            },
            "circuit": {line["circuitId"]: line["circuitRef"].replace("_", "-") for line in self._tables["circuits"]},
        }
        self._status = {line["statusId"]: line["status"] for line in self._tables["status"]}
        self.files = self._files()

    def zipped(self) -> bytes:
        """Return the release as its publisher packs it."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, lines in self.files.items():
                archive.writestr(zipfile.ZipInfo(f"f1db-{name}.csv"), _csv(lines))
        return packed.getvalue()

    def __call__(self, path: str) -> Answer:
        """Serve the zip file."""
        if path.strip("/") != NAME:
            raise KeyError(path)
        return Answer(self.zipped(), kind="application/zip")

    def _files(self) -> dict[str, list[dict[str, Any]]]:
        made = {
            "races": [self._race(line) for line in self._tables["races"]],
            "grands-prix": [{"id": _slug(line["name"]), "fullName": line["name"]} for line in self._one_a_name()],
            "circuits": [self._circuit(line) for line in self._tables["circuits"]],
            "drivers": [self._driver(line) for line in self._tables["drivers"]],
            "constructors": [self._team(line) for line in self._tables["constructors"]],
            "countries": [],
            "races-race-results": self._cars("results", self._result),
            "races-sprint-race-results": self._cars("sprint_results", self._result),
            "races-qualifying-results": self._cars("qualifying", _qualified),
            "races-pit-stops": self._cars("pit_stops", _stop),
            "races-fastest-laps": self._fastest(),
            "races-starting-grid-positions": self._cars("grid", _slot),
            "races-driver-standings": self._standings("driver"),
            "races-constructor-standings": self._standings("constructor"),
        }
        for number in (1, 2, 3):
            lines = [line for line in self._tables.get("practice", []) if line["session"] == f"FP{number}"]
            made[f"races-free-practice-{number}-results"] = self._of_cars(lines, _practised)
        return {name: lines for name, lines in made.items() if lines}

    def _one_a_name(self) -> Iterable[Line]:
        return {line["name"]: line for line in self._tables["races"]}.values()

    def _race(self, line: Line) -> dict[str, Any]:
        told = {"id": line["raceId"], "year": line["year"], "round": line["round"], "date": line["date"]}
        told |= {"time": line.get("time", "")[:5], "grandPrixId": _slug(line["name"])}
        told["circuitId"] = self._refs["circuit"][line["circuitId"]]
        for key, name in SESSIONS.items():
            told |= {f"{name}Date": line.get(f"{key}_date", ""), f"{name}Time": line.get(f"{key}_time", "")[:5]}
        return told

    def _cars(self, table: str, row: Callable[[Line], dict[str, Any]]) -> list[dict[str, Any]]:
        return self._of_cars(self._tables.get(table, []), row)

    def _of_cars(self, lines: Iterable[Line], row: Callable[[Line], dict[str, Any]]) -> list[dict[str, Any]]:
        teams = {(line["raceId"], line["driverId"]): line["constructorId"] for line in self._tables["results"]}
        made = []
        for line in lines:
            race = self._races[line["raceId"]]
            team = line.get("constructorId") or teams[line["raceId"], line["driverId"]]
            head = {"raceId": line["raceId"], "year": race["year"], "round": race["round"]}
            ids = {"driverId": self._refs["driver"][line["driverId"]]}
            ids |= {"constructorId": self._refs["constructor"][team], "driverNumber": line.get("number", "")}
            made.append({**head, **row(line), **ids})
        return made

    def _result(self, line: Line) -> dict[str, Any]:
        text, status = line.get("positionText") or line.get("position") or "R", self._status[line["statusId"]]
        behind = status.split()[0][1:] if status.startswith("+") else ""
        place = text if text.isdigit() else ""
        return {
            **_place(line["positionOrder"], place, SPOKEN.get(text, text)),
            "laps": line.get("laps", ""),
            "timeMillis": line.get("milliseconds", ""),
            "gapLaps": behind,
            "reasonRetired": "" if behind or status == "Finished" else status,
            "points": line["points"],
            "gridPositionNumber": "" if line.get("grid", "0") == "0" else line["grid"],
            "gridPositionText": "PL" if line.get("grid") == "0" else line.get("grid", ""),
        }

    def _fastest(self) -> list[dict[str, Any]]:
        lines = [line for line in self._tables["results"] if line.get("rank")]

        def lap(line: Line) -> dict[str, Any]:
            place = _place(line["rank"], line["rank"], line["rank"])
            return {**place, "lap": line.get("fastestLap", ""), "time": line.get("fastestLapTime", "")}

        return self._of_cars(lines, lap)

    def _standings(self, kind: str) -> list[dict[str, Any]]:
        made = []
        for line in self._tables.get(f"{kind}_standings", []):
            race = self._races[line["raceId"]]
            head = {"raceId": line["raceId"], "year": race["year"], "round": race["round"]}
            place = line.get("position", "")
            told = {f"{kind}Id": self._refs[kind][line[f"{kind}Id"]], "points": line["points"]}
            made.append({**head, **_place(place or "99", place, place or "NC"), **told})
        return made

    def _driver(self, line: Line) -> dict[str, Any]:
        names = {"abbreviation": "code", "permanentNumber": "number", "dateOfBirth": "dob"}
        told = {
            "id": self._refs["driver"][line["driverId"]],
            "firstName": line["forename"],
            "lastName": line["surname"],
        }
        return {**told, **{new: line.get(old, "") for new, old in names.items()}, "nationalityCountryId": ""}

    def _team(self, line: Line) -> dict[str, Any]:
        return {"id": self._refs["constructor"][line["constructorId"]], "name": line["name"], "countryId": ""}

    def _circuit(self, line: Line) -> dict[str, Any]:
        told = {"id": self._refs["circuit"][line["circuitId"]], "fullName": line["name"], "placeName": ""}
        return {**told, "countryId": "", "latitude": line.get("lat", ""), "longitude": line.get("lng", "")}


def _place(order: str, number: str, text: str) -> dict[str, Any]:
    return {"positionDisplayOrder": order, "positionNumber": number, "positionText": text}


def _qualified(line: Line) -> dict[str, Any]:
    laps = {name: line.get(name, "") for name in ("q1", "q2", "q3")}
    return {**_place(line["position"], line["position"], line["position"]), "time": "", **laps}


def _stop(line: Line) -> dict[str, Any]:
    return {**_place("1", "1", "1"), "stop": line["stop"], "lap": line["lap"], "timeMillis": line["milliseconds"]}


def _slot(line: Line) -> dict[str, Any]:
    return _place(
        line["grid"], line["grid"] if line["grid"] != "0" else "", line["grid"] if line["grid"] != "0" else "PL"
    )


def _practised(line: Line) -> dict[str, Any]:
    place = _place(line["position"], line["position"], line["position"])
    return {**place, "timeMillis": line.get("milliseconds", ""), "laps": line.get("laps", "")}


def _slug(name: str) -> str:
    return name.removesuffix(" Grand Prix").lower().replace(" ", "-")


def _csv(lines: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
