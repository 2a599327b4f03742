"""Publish races of the synthetic world: results, corrections, stops, interruptions, sprints, championship tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import numpy as np

from pitwall.domain.racing.championship import points_system
from pitwall.sources.synthetic_world.publishing.dump import Dump, car_ids, lap_text, race_name
from pitwall.sources.synthetic_world.publishing.history import Round
from pitwall.sources.synthetic_world.publishing.standings import Championship
from pitwall.sources.synthetic_world.racing.course import Course, LapLog
from pitwall.sources.synthetic_world.racing.events import BROKEN, CRASHED, DISQUALIFIED_LATER
from pitwall.sources.synthetic_world.racing.race import CLASSIFIED
from pitwall.sources.synthetic_world.state.calendar import FASTEST_LAP, sprint_points
from pitwall.sources.synthetic_world.state.names import ACCIDENTS, BREAKDOWNS

Row = dict[str, Any]
DISQUALIFIED, WITHDREW, LAP_DOWN = 2, 54, 10
HEARING_DAYS = (2, 9)  # after which a correction is published, at ten o'clock


class Season:
    """Publishes the races of one season and keeps its championship tables."""

    def __init__(self, dump: Dump) -> None:
        self._dump = dump
        self._tables = {"driverId": Championship(), "constructorId": Championship()}

    def add_race(self, each: Round, course: Course, rng: np.random.Generator) -> None:
        """Write all that is published after a race; `rng` decides what broke and when a correction is published."""
        log = course.log
        assert log is not None
        sheet = _sheet(each, course, log, rng)
        first, official = sheet.lines(final=False), sheet.lines(final=True)
        for row in first:
            self._dump.files["results"].append({"resultId": len(self._dump.files["results"]) + 1, **row})
        self._add_absent(each)
        self._count(first)
        self._publish_tables(each.race_id)
        self._correct(each, first, official, rng)
        _add_stops(self._dump, each, log)
        _add_interruptions(self._dump, each, log)

    def add_sprint(self, each: Round, course: Course, slot: np.ndarray) -> None:
        """Write the classification of a sprint; its points count."""
        for car in np.argsort(course.place[0]):
            place, out = int(course.place[0, car]), course.fate[0, car] in (BROKEN, CRASHED)
            worth = sprint_points(each.season)
            points = worth[place - 1] if place <= len(worth) and not out else 0
            row = {
                **car_ids(each.race_id, each.field, car),
                "grid": int(slot[0, car]),
                "position": None if out else place,
                "positionOrder": place,
                "points": points,
                "laps": int(course.laps[0, car]),
                "statusId": 4 if out else _finished(each.sprint_circuit.laps - int(course.laps[0, car])),
            }
            self._dump.files["sprint_results"].append(row)
            for key, table in self._tables.items():
                table.add(row[key], points)

    def _count(self, rows: list[Row], sign: int = 1) -> None:
        for row in rows:
            for key, table in self._tables.items():
                table.add(row[key], row["points"], row["positionOrder"], sign)

    def _publish_tables(self, race: int) -> None:
        for name, key in (("driver_standings", "driverId"), ("constructor_standings", "constructorId")):
            for who, points, place, wins in self._tables[key].rows():
                row = {"raceId": race, key: who, "points": points, "position": place, "wins": wins}
                self._dump.files[name].append(row)

    def _correct(self, each: Round, first: list[Row], official: list[Row], rng: np.random.Generator) -> None:
        """Publish the lines that a later decision changed; championship tables follow with the next race."""
        old = {row["driverId"]: row for row in first}
        changed = [row for row in official if row != old[row["driverId"]]]
        at = (each.start + timedelta(days=int(rng.integers(*HEARING_DAYS)))).replace(hour=10)
        for row in changed:
            number = next(
                line["resultId"]
                for line in reversed(self._dump.files["results"])
                if (line["raceId"], line["driverId"]) == (row["raceId"], row["driverId"])
            )
            self._dump.files["results_corrections"].append(
                {"resultId": number, **row, "publishedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
            )
        self._count([old[row["driverId"]] for row in changed], sign=-1)
        self._count(changed)

    def _add_absent(self, each: Round) -> None:
        """Write the line of a car that was entered but took no part."""
        if each.field.absent is None:
            return
        team, driver = each.field.absent
        last = self._dump.files["results"][-1]
        ids = {"raceId": each.race_id, "driverId": driver + 1, "constructorId": team + 1, "number": driver + 2}
        blank = dict.fromkeys(("milliseconds", "rank", "fastestLapTime"))
        place = {"grid": 0, "position": None, "positionText": "W", "positionOrder": len(each.slot) + 1}
        row = {**ids, **place, "points": 0, "laps": 0, **blank, "statusId": WITHDREW}
        self._dump.files["results"].append({key: {"resultId": last["resultId"] + 1, **row}[key] for key in last})


@dataclass(frozen=True)
class _Sheet:
    """The classification of a race: what broke on each car (status id, 0: nothing), its fastest lap and the rank of that."""

    each: Round
    course: Course
    causes: np.ndarray
    best: np.ndarray
    ranks: np.ndarray

    def lines(self, final: bool) -> list[Row]:
        """Return the lines in their order, as first published or official."""
        places = (self.course.place if final else self.course.first_place)[0]
        return [self._line(int(car), int(places[car]), final) for car in np.argsort(places)]

    def _line(self, car: int, place: int, final: bool) -> Row:
        course, distance = self.course, self.each.circuit.laps
        laps, fate, drove = int(course.laps[0, car]), int(course.fate[0, car]), course.laps[0, car] > 0
        thrown_out, ran = final and fate == DISQUALIFIED_LATER, fate not in (BROKEN, CRASHED)
        classified = not thrown_out and (ran or laps >= CLASSIFIED * distance)
        total = course.seconds[0, car] + (course.late_penalty[0, car] if final else 0)
        status = DISQUALIFIED if thrown_out else int(self.causes[car]) or _finished(distance - laps)
        return {
            **car_ids(self.each.race_id, self.each.field, car),
            "number": int(self.each.field.driver[car]) + 2,
            "grid": 0 if self.each.pit_lane[car] else int(self.each.slot[car]),
            "position": place if classified else None,
            "positionText": str(place) if classified else "D" if thrown_out else "R",
            "positionOrder": place,
            "points": _points(self.each.season, place, int(self.ranks[car])) if classified else 0,
            "laps": laps,
            "milliseconds": round(float(total) * 1000) if ran and classified and laps == distance else None,
            "rank": int(self.ranks[car]) if drove else None,
            "fastestLapTime": lap_text(float(self.best[car])),
            "statusId": status,
        }


def _sheet(each: Round, course: Course, log: LapLog, rng: np.random.Generator) -> _Sheet:
    """Return the classification of a race; `rng` decides what broke."""
    broke, crashed = (rng.choice(causes, len(each.slot)) for causes in (BREAKDOWNS, ACCIDENTS))
    causes = np.select([course.fate[0] == BROKEN, course.fate[0] == CRASHED], [broke, crashed], 0)
    best = _fastest(log, course.laps[0])
    ranks = np.argsort(np.argsort(np.where(np.isnan(best), np.inf, best), kind="stable")) + 1
    return _Sheet(each, course, causes, best, ranks)


def _points(season: int, place: int, rank: int) -> int:
    system = points_system(season)
    if place > len(system):
        return 0
    return system[place - 1] + (rank == 1 and FASTEST_LAP[0] <= season <= FASTEST_LAP[1])


def _finished(behind: int) -> int:
    return 1 if behind <= 0 else LAP_DOWN + min(behind, 9)


def lap_seconds(log: LapLog, completed: np.ndarray) -> np.ndarray:
    """Return lap times, laps x cars, NaN where a car did not complete the lap."""
    clock, began = np.array(log.clock), np.array(log.began)
    began[0] = 0
    driven = np.arange(1, len(clock) + 1)[:, None] <= completed
    return np.where(driven, np.round(clock, 3) - np.round(began, 3), np.nan)


def _fastest(log: LapLog, completed: np.ndarray) -> np.ndarray:
    times = lap_seconds(log, completed)
    return np.asarray(np.where(completed > 0, np.nanmin(np.where(np.isnan(times), np.inf, times), axis=0), np.nan))


def _add_stops(dump: Dump, each: Round, log: LapLog) -> None:
    for car in range(len(each.slot)):
        laps = [lap for lap, stopped in enumerate(log.stopped, start=1) if stopped[car]]
        for stop, lap in enumerate(laps, start=1):
            seconds = round(each.circuit.pit_lane + float(log.pit_seconds[lap - 1][car]), 3)
            line = {"raceId": each.race_id, "driverId": int(each.field.driver[car]) + 1, "stop": stop, "lap": lap}
            dump.files["pit_stops"].append({**line, "duration": seconds, "milliseconds": round(seconds * 1000)})


def _add_interruptions(dump: Dump, each: Round, log: LapLog) -> None:
    """Write safety cars, virtual ones and red flags in the form of the real dump."""
    what = {"Race": f"{each.season} {race_name(each.circuit)}"}
    numbered = enumerate((status[0] for status in log.status), start=1)
    for code, group in groupby(numbered, key=lambda pair: pair[1]):
        laps = [lap for lap, _ in group]
        if code == "4":
            period = {"Deployed": laps[0], "Retreated": min(laps[-1] + 1, len(log.status)), "FullLaps": len(laps)}
            dump.files["safety_cars"].append({**what, "Cause": "Incident", **period, "raceId": each.race_id})
        for lap in laps if code == "6" else []:
            dump.files["virtual_safety_cars"].append({**what, "Lap": lap, "raceId": each.race_id})
    for lap, status in enumerate(log.status, start=1):
        if "5" in status:
            stopped = {"Lap": lap, "Resumed": "Y" if lap < len(log.status) else "N", "Incident": "Accident."}
            dump.files["red_flags"].append({**what, **stopped, "Excluded": None, "raceId": each.race_id})
