"""Make the lines of an Ergast dump from the files of an F1DB release.

F1DB calls drivers, teams and circuits by name and races by number. The numbers of races are taken over, the others given in order of first
appearance in the results. What F1DB does not tell is left out, but for wins in the standings, which are counted from the results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.f1db.release import PRACTICES, Line
from pitwall.sources.machinery.web.ids import Ids

Release = Mapping[str, Sequence[Line]]
Tables = dict[str, list[dict[str, Any]]]
SESSIONS = {
    "freePractice1": "fp1",
    "freePractice2": "fp2",
    "freePractice3": "fp3",
    "qualifying": "quali",
    "sprintRace": "sprint",
}
NEVER_RAN = {"DNS": "Did not start", "DNP": "Did not practice", "DNQ": "Did not qualify", "DNPQ": "Did not prequalify"}
ENDED = {**NEVER_RAN, "DSQ": "Disqualified", "EX": "Excluded", "NC": "Not classified"}
WON = "1"


def dump_of(release: Release, ids: Ids) -> Tables:
    """Return the tables of a dump.

    Args:
        release: lines by file.
        ids: the numbers that were given before; new names are added to it.

    Raises:
        SourceError: a line points to nothing.
    """
    return _Shape(release, ids).tables()


class _Shape:
    def __init__(self, release: Release, ids: Ids) -> None:
        self._release, self._ids = release, ids
        self._statuses: dict[str, int] = {}
        self._names = {line["id"]: line["fullName"] for line in release["grands-prix"]}
        self._countries = {line["id"]: line for line in release["countries"]}
        self._fastest = {(line["raceId"], line["driverId"]): line for line in release["races-fastest-laps"]}

    def tables(self) -> Tables:
        """Return all tables; results come first, because they give the numbers."""
        results, sprints = (
            [self._result(line, number) for number, line in enumerate(_in_order(self._release[file]), 1)]
            for file in ("races-race-results", "races-sprint-race-results")
        )
        made: Tables = {
            "races": [self._race(line) for line in self._release["races"]],
            "results": results,
            "sprint_results": sprints,
            "qualifying": [self._qualified(line) for line in _in_order(self._release["races-qualifying-results"])],
            "practice": list(self._practice()),
            "pit_stops": [self._stop(line) for line in _in_order(self._release["races-pit-stops"])],
            "driver_standings": list(self._standings("driver")),
            "constructor_standings": list(self._standings("constructor")),
            "grid": list(self._coming_grids({line["raceId"] for line in results})),
        }
        return made | {
            "drivers": [self._driver(line) for line in self._of("driver", "drivers")],
            "constructors": [self._team(line) for line in self._of("constructor", "constructors")],
            "circuits": [self._circuit(line) for line in self._of("circuit", "circuits")],
            "status": [{"statusId": number, "status": text} for text, number in self._statuses.items()],
            "ids": self._ids.lines(),
        }

    def _number(self, kind: str, line: Line) -> int:
        return self._ids.number(kind, str(line[f"{kind}Id"]))

    def _of(self, kind: str, file: str) -> Iterator[Line]:
        """Yield the lines of those who have a number: who never took part has none."""
        known = {each["ref"] for each in self._ids.lines() if each["kind"] == kind}
        yield from (line for line in self._release[file] if line["id"] in known)

    def _car(self, line: Line) -> dict[str, Any]:
        ids = {"driverId": self._number("driver", line), "constructorId": self._number("constructor", line)}
        return {"raceId": line["raceId"], **ids, "number": line.get("driverNumber")}

    def _race(self, line: Line) -> dict[str, Any]:
        if line["grandPrixId"] not in self._names:
            raise SourceError(
                f"f1db-races.csv: the race {line['year']}/{line['round']} is of {line['grandPrixId']!r}, which f1db-grands-prix.csv lacks; "
                "fetch the release again."
            )
        self._ids.give("race", f"{line['year']} {line['round']} {line['grandPrixId']}", int(str(line["id"])))
        told: dict[str, Any] = {"raceId": line["id"], "year": line["year"], "round": line["round"]}
        told |= {"circuitId": self._number("circuit", line), "name": self._names[line["grandPrixId"]]}
        told |= {"date": line["date"], "time": _clock(line["time"])}
        for name, session in SESSIONS.items():
            told |= {f"{session}_date": line.get(f"{name}Date"), f"{session}_time": _clock(line.get(f"{name}Time"))}
        return told

    def _result(self, line: Line, number: int) -> dict[str, Any]:
        fastest = self._fastest.get((line["raceId"], line["driverId"]), {})
        slot = 0 if line["gridPositionText"] == "PL" else line["gridPositionNumber"]
        return {
            "resultId": number,
            **self._car(line),
            "grid": slot,
            "position": line["positionNumber"],
            "positionText": line["positionText"],
            "positionOrder": line["positionDisplayOrder"],
            "points": line["points"] or 0,
            "laps": line["laps"] or 0,
            "milliseconds": line["timeMillis"] if line["positionNumber"] and not line["gapLaps"] else None,
            "fastestLap": fastest.get("lap"),
            "rank": fastest.get("positionNumber"),
            "fastestLapTime": fastest.get("time"),
            "statusId": self._status(line),
        }

    def _status(self, line: Line) -> int:
        behind = int(line["gapLaps"] or 0)
        if line["positionNumber"] and not line["reasonRetired"]:
            text = f"+{behind} Lap{'s' if behind > 1 else ''}" if behind else "Finished"
        else:
            text = line["reasonRetired"] or ENDED.get(str(line["positionText"]), "Retired")
        return self._statuses.setdefault(text, self._ids.number("status", text))

    def _qualified(self, line: Line) -> dict[str, Any]:
        laps = {part: line[part] for part in ("q1", "q2", "q3")}
        if not any(laps.values()):
            laps["q1"] = line["time"]  # a season with one session
        return {**self._car(line), "position": line["positionDisplayOrder"], **laps}

    def _practice(self) -> Iterator[dict[str, Any]]:
        for number in PRACTICES:
            for line in _in_order(self._release[f"races-free-practice-{number}-results"]):
                told = {"session": f"FP{number}", "position": line["positionDisplayOrder"]}
                yield {**self._car(line), **told, "milliseconds": line["timeMillis"], "laps": line["laps"]}

    def _stop(self, line: Line) -> dict[str, Any]:
        told = {name: line[name] for name in ("raceId", "stop", "lap")}
        return {**told, "driverId": self._number("driver", line), "milliseconds": line["timeMillis"]}

    def _standings(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield a championship after every race; of a team with several engines the best line, as the dump has one line a team."""
        wins = self._wins(kind)
        seen: set[tuple[str, int]] = set()
        for line in _in_order(self._release[f"races-{kind}-standings"]):
            race, number = str(line["raceId"]), self._number(kind, line)
            if (race, number) in seen:
                continue
            seen.add((race, number))
            won = wins.get((str(line["year"]), int(str(line["round"])), number), 0)
            told = {"points": line["points"], "position": line["positionNumber"], "wins": won}
            yield {"raceId": race, f"{kind}Id": number, **told}

    def _wins(self, kind: str) -> dict[tuple[str, int, int], int]:
        """Return how many races of a season a driver or team had won after a round."""
        rounds = sorted({(str(line["year"]), int(str(line["round"]))) for line in self._release["races"]})
        won = [line for line in self._release["races-race-results"] if line["positionNumber"] == WON]
        by_round: dict[tuple[str, int], list[int]] = {}
        for line in won:
            by_round.setdefault((str(line["year"]), int(str(line["round"]))), []).append(self._number(kind, line))
        made: dict[tuple[str, int, int], int] = {}
        so_far: Counter[int] = Counter()
        for season, number in rounds:
            so_far = Counter() if number == 1 else so_far
            so_far.update(by_round.get((season, number), []))
            made |= {(season, number, each): count for each, count in so_far.items()}
        return made

    def _coming_grids(self, run: set[Any]) -> Iterator[dict[str, Any]]:
        for line in _in_order(self._release["races-starting-grid-positions"]):
            if line["raceId"] not in run:
                yield {**self._car(line), "grid": 0 if line["positionText"] == "PL" else line["positionNumber"]}

    def _driver(self, line: Line) -> dict[str, Any]:
        return {
            "driverId": self._ids.number("driver", str(line["id"])),
            "driverRef": line["id"],
            "number": line.get("permanentNumber"),
            "code": line.get("abbreviation"),
            "forename": line["firstName"],
            "surname": line["lastName"],
            "dob": line.get("dateOfBirth"),
            "nationality": self._country(line.get("nationalityCountryId"), "demonym"),
        }

    def _team(self, line: Line) -> dict[str, Any]:
        told = {"constructorId": self._ids.number("constructor", str(line["id"])), "constructorRef": line["id"]}
        return {**told, "name": line["name"], "nationality": self._country(line.get("countryId"), "demonym")}

    def _circuit(self, line: Line) -> dict[str, Any]:
        told = {"circuitId": self._ids.number("circuit", str(line["id"])), "circuitRef": line["id"]}
        told |= {"name": line["fullName"], "location": line["placeName"]}
        told |= {"country": self._country(line["countryId"], "name")}
        return {**told, "lat": line["latitude"], "lng": line["longitude"]}

    def _country(self, ref: str | None, field: str) -> str | None:
        line = self._countries.get(ref, {})
        return line.get(field) or line.get("name") or ref


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Return lines by season, round and place."""
    return sorted(
        lines, key=lambda line: tuple(int(line[name] or 0) for name in ("year", "round", "positionDisplayOrder"))
    )


def _clock(time: str | None) -> str | None:
    return f"{time}:00" if time and time.count(":") == 1 else time
