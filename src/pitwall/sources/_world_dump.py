"""Write the synthetic world as rows of an Ergast dump: ids, names and texts around the simulated arrays."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from pitwall.sources._world_calendar import Venue, session_columns
from pitwall.sources._world_names import FORENAMES, NATIONALITIES, STATUS, TEAMS, surnames
from pitwall.sources._world_race import Race
from pitwall.sources._world_standings import POINTS, Championship
from pitwall.sources._world_strength import Field
from pitwall.sources._world_weekend import Weekend

Row = dict[str, Any]
PART_NAMES = ("q1", "q2", "q3")


class Dump:
    """Collects rows per file. Teams, drivers, races count from 1; driver and team arrays count from 0."""

    def __init__(self) -> None:
        self.files: defaultdict[str, list[Row]] = defaultdict(list)
        self.files["status"] = [{"statusId": number, "status": text} for number, text in STATUS.items()]

    def write(self, folder: Path) -> None:
        """Write every file; the same rows give the same bytes."""
        for name, rows in sorted(self.files.items()):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(rows[0])
                writer.writerows([["\\N" if value is None else value for value in row.values()] for row in rows])

    def add_people(self, drivers: int, teams: int, first_season: int, rng: np.random.Generator) -> None:
        """Write drivers and constructors; the later a driver comes, the later he was born."""
        for number, surname in enumerate(surnames(drivers, rng), start=1):
            born = first_season - 32 + int(rng.integers(0, 12)) + max(0, number - 2 * teams) // 4
            self.files["drivers"].append(
                {
                    "driverId": number,
                    "driverRef": surname.lower(),
                    "number": number + 1,
                    "code": f"{surname[:3].upper()}",
                    "forename": FORENAMES[int(rng.integers(len(FORENAMES)))],
                    "surname": surname,
                    "dob": f"{born}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}",
                    "nationality": NATIONALITIES[int(rng.integers(len(NATIONALITIES)))],
                }
            )
        for number in range(teams):
            name = TEAMS[number]
            ref = name.lower().replace(" & ", "_").replace(" ", "_")
            nationality = NATIONALITIES[number % len(NATIONALITIES)]
            self.files["constructors"].append(
                {"constructorId": number + 1, "constructorRef": ref, "name": name, "nationality": nationality}
            )

    def add_circuits(self, venues: list[Venue]) -> None:
        """Write the circuits."""
        for venue in venues:
            self.files["circuits"].append(
                {
                    "circuitId": venue.number,
                    "circuitRef": venue.name.lower().replace(" ", "_"),
                    "name": f"{venue.name} Circuit",
                    "location": venue.name,
                    "country": venue.country,
                    "lat": venue.lat,
                    "lng": venue.lng,
                    "alt": venue.alt,
                }
            )

    def add_race(self, season: int, number: int, start: datetime, venue: Venue) -> int:
        """Write a race of the calendar and return its id."""
        race = season * 100 + number
        self.files["races"].append(
            {
                "raceId": race,
                "year": season,
                "round": number,
                "circuitId": venue.number,
                "name": f"{venue.name} Grand Prix",
                **session_columns(start),
            }
        )
        return race

    def add_weekend(self, race: int, field: Field, weekend: Weekend) -> None:
        """Write practice and qualifying."""
        for session, times in enumerate(weekend.practice, start=1):
            for place, car in enumerate(np.argsort(times, kind="stable"), start=1):
                line = {**_car(race, field, car), "session": f"FP{session}", "position": place}
                milliseconds, laps = round(float(times[car]) * 1000), 18 + (7 * car + 3 * session + race) % 14
                self.files["practice"].append({**line, "milliseconds": milliseconds, "laps": laps})
        for car in np.argsort(weekend.qualifying.place):
            parts = {name: _text(times[car]) for name, times in zip(PART_NAMES, weekend.qualifying.times, strict=True)}
            line = {**_car(race, field, car), "number": int(field.driver[car]) + 2}
            self.files["qualifying"].append({**line, "position": int(weekend.qualifying.place[car]), **parts})

    def add_grid(self, race: int, field: Field, weekend: Weekend) -> None:
        """Publish the final grid of a race that has not been run."""
        for car in np.argsort(weekend.qualifying.place):
            self.files["grid"].append({**_car(race, field, car), "grid": int(weekend.grid[car])})

    def add_result(self, race: int, field: Field, run: Race, drivers: Championship, constructors: Championship) -> None:
        """Write results, pit stops and both championship tables after the race."""
        ranks = np.argsort(np.argsort(np.where(run.laps > 0, run.fastest, np.inf), kind="stable")) + 1
        for car in np.argsort(run.order):
            row = self._result(race, field, run, int(car), int(ranks[car]))
            self.files["results"].append(row)
            drivers.add(row["driverId"], int(run.order[car]), row["points"])
            constructors.add(row["constructorId"], int(run.order[car]), row["points"])
            for stop, (lap, seconds) in enumerate(run.stops[car], start=1):
                line = {"raceId": race, "driverId": row["driverId"], "stop": stop, "lap": lap}
                self.files["pit_stops"].append({**line, "duration": seconds, "milliseconds": round(seconds * 1000)})
        for name, key, table in (
            ("driver_standings", "driverId", drivers),
            ("constructor_standings", "constructorId", constructors),
        ):
            for who, points, place, wins in table.rows():
                row = {"raceId": race, key: who, "points": points, "position": place, "wins": wins}
                self.files[name].append(row)

    def _result(self, race: int, field: Field, run: Race, car: int, rank: int) -> Row:
        order, status = int(run.order[car]), int(run.status[car])
        text = {2: "D", 54: "W"}.get(status, str(order) if status in (1, 11, 12, 13) else "R")
        total, drove = run.seconds[car], run.laps[car] > 0
        return {
            "resultId": len(self.files["results"]) + 1,
            **_car(race, field, car),
            "number": int(field.driver[car]) + 2,
            "grid": 0 if status == 54 else int(run.grid[car]),
            "position": order if text.isdigit() else None,
            "positionText": text,
            "positionOrder": order,
            "points": POINTS[order - 1] if text.isdigit() and order <= len(POINTS) else 0,
            "laps": int(run.laps[car]),
            "milliseconds": None if np.isnan(total) else round(float(total) * 1000),
            "rank": rank if drove else None,
            "fastestLapTime": _text(run.fastest[car]) if drove else None,
            "statusId": status,
        }


def _car(race: int, field: Field, car: int) -> Row:
    return {"raceId": race, "driverId": int(field.driver[car]) + 1, "constructorId": int(field.team[car]) + 1}


def _text(seconds: float) -> str | None:
    """Return a lap time as `m:ss.mmm`."""
    if np.isnan(seconds):
        return None
    milliseconds = round(float(seconds) * 1000)
    return f"{milliseconds // 60000}:{milliseconds % 60000 / 1000:06.3f}"
