"""A small season as its source publishes it, week by week: races move, are called off, run and corrected, files are exported anew.

It writes dumps in Ergast's format. Results are places drawn by chance, so that nothing but a leak can know them.
"""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
TEAMS = 3
CARS = 2 * TEAMS
POINTS = (25, 18, 15, 12, 10, 8)
LAST_YEAR, THIS_YEAR = 2023, 2024
FINISHED, ENGINE, WITHDREW = 1, 5, 54
SESSIONS = {"fp1": -2, "quali": -1}


class Season:
    """Two seasons of invented races: the first is run, of the second nothing yet.

    Args:
        races: of each season, two weeks apart from March.
        seed: of all results.
    """

    def __init__(self, races: int = 4, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self.null = "\\N"
        self.races: dict[int, Row] = {}
        self.lines: dict[str, dict[tuple[int, ...], Row]] = {
            name: {} for name in ("results", "qualifying", "practice", "pit_stops", "driver_standings")
        }
        self._held_back: tuple[str, tuple[int, ...], Row] | None = None
        for year in (LAST_YEAR, THIS_YEAR):
            for number in range(1, races + 1):
                day = date(year, 3, 3) + timedelta(days=14 * (number - 1))
                self.races[100 * (year - 2000) + number] = {
                    "year": year,
                    "round": number,
                    "circuit": number,
                    "date": day,
                }
        for race in self.of(LAST_YEAR):
            self.run(race)

    def of(self, year: int) -> list[int]:
        """Return the races of a season in the order of their dates."""
        own = [race for race, facts in self.races.items() if facts["year"] == year]
        return sorted(own, key=lambda race: (self.races[race]["date"], race))

    def has_run(self, race: int) -> bool:
        """Return whether a race has results."""
        return any(key[0] == race for key in self.lines["results"])

    @property
    def planned(self) -> list[int]:
        """The races without results, the next one first."""
        return [race for race in self.of(THIS_YEAR) if not self.has_run(race)]

    @property
    def done(self) -> list[int]:
        """The races of this season with results, in the order of their dates."""
        return [race for race in self.of(THIS_YEAR) if self.has_run(race)]

    def after(self, race: int) -> datetime:
        """Return the day after a race, when its results are out."""
        day = self.races[race]["date"] + timedelta(days=1)
        return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)

    def practise(self, race: int) -> None:
        """Publish practice and qualifying of a race, by chance, unless they were."""
        if any(of == race for of, _ in self.lines["qualifying"]):
            return
        for place, car in enumerate(self._rng.permutation(CARS), start=1):
            base = {"raceId": race, "driverId": int(car) + 1, "constructorId": int(car) // 2 + 1, "position": place}
            time = {"q1": f"1:{18 + place / 10:06.3f}", "q2": None, "q3": None}
            self.lines["qualifying"][race, int(car) + 1] = base | time
            self.lines["practice"][race, int(car) + 1] = base | {"session": "FP1", "milliseconds": 80000 + 100 * place}

    def run(self, race: int) -> None:
        """Publish a weekend: practice, qualifying, results, stops and the standings, all by chance."""
        self.practise(race)
        order = self._rng.permutation(CARS)
        retired = set(self._rng.choice(CARS, 1))
        for place, car in enumerate(order, start=1):
            driver = int(car) + 1
            out = int(car) in retired
            base = {"raceId": race, "driverId": driver, "constructorId": int(car) // 2 + 1}
            self.lines["results"][race, driver] = base | {
                "resultId": 100 * race + driver,
                "grid": int(self._rng.permutation(CARS)[0]) + 1,
                "position": None if out else place,
                "positionText": "R" if out else str(place),
                "positionOrder": place,
                "points": 0 if out else POINTS[place - 1],
                "laps": 20 if out else 50,
                "milliseconds": None,
                "statusId": ENGINE if out else FINISHED,
                "rank": None,
                "fastestLapTime": f"1:{20 + self._rng.random():06.3f}",
            }
            self.lines["pit_stops"][race, driver, 1] = base | {
                "stop": 1,
                "lap": 20,
                "milliseconds": 22000 + 100 * place,
            }
        self._standings(race)

    def correct(self, race: int) -> None:
        """Turn the places of a race round, as after a disqualification of many."""
        for (of, _), row in self.lines["results"].items():
            if of == race:
                row["positionOrder"] = CARS + 1 - row["positionOrder"]
                row["points"] = POINTS[row["positionOrder"] - 1] if row["position"] else 0
                row["position"] = row["position"] and row["positionOrder"]
                row["positionText"] = str(row["position"] or "R")
        self._standings(race)

    def withdraw(self, race: int, driver: int) -> None:
        """Say of a car that it did not start."""
        row = self.lines["results"][race, driver]
        row |= {"position": None, "positionText": "W", "points": 0, "laps": 0, "statusId": WITHDREW}

    def forget(self, name: str, race: int) -> bool:
        """Leave one line of a race out, until `remember`; False where one is left out already."""
        key = next((key for key in sorted(self.lines[name]) if key[0] == race), None)
        if self._held_back is not None or key is None:
            return False
        self._held_back = (name, key, self.lines[name].pop(key))
        return True

    def remember(self) -> bool:
        """Publish the line that was left out; False where there is none."""
        if self._held_back is None:
            return False
        name, key, row = self._held_back
        self.lines[name][key] = row
        self._held_back = None
        return True

    def move(self, race: int, days: int) -> None:
        """Give a race another date, and its whole weekend with it."""
        self.races[race]["date"] += timedelta(days=days)

    def call_off(self, race: int) -> None:
        """Take a planned race from the calendar, and what was published of its weekend from the files."""
        del self.races[race]
        for name, lines in self.lines.items():
            self.lines[name] = {key: row for key, row in lines.items() if key[0] != race}

    def renumber(self) -> None:
        """Number the races of this season in the order of their dates."""
        for number, race in enumerate(self.of(THIS_YEAR), start=1):
            self.races[race]["round"] = number

    def swap_names(self, one: int, other: int) -> None:
        """Let two races change names and circuits."""
        mine, theirs = self.races[one], self.races[other]
        mine["circuit"], theirs["circuit"] = theirs["circuit"], mine["circuit"]

    def write(self, folder: Path) -> None:
        """Write the dump as it stands."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in {
            **self._reference(),
            **{name: list(lines.values()) for name, lines in self.lines.items()},
        }.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                columns = list(rows[0])
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([[self.null if row[each] is None else row[each] for each in columns] for row in rows])

    def _standings(self, race: int) -> None:
        year = self.races[race]["year"]
        counted = [
            each
            for each in self.of(year)
            if self.has_run(each) and self.races[each]["date"] <= self.races[race]["date"]
        ]
        lines = [row for (of, _), row in self.lines["results"].items() if of in counted]
        points = {
            driver: sum(row["points"] for row in lines if row["driverId"] == driver) for driver in range(1, CARS + 1)
        }
        for place, driver in enumerate(sorted(points, key=lambda driver: (-points[driver], driver)), start=1):
            wins = sum(row["driverId"] == driver and row["position"] == 1 for row in lines)
            row = {"raceId": race, "driverId": driver, "points": points[driver], "position": place, "wins": wins}
            self.lines["driver_standings"][race, driver] = row

    def _reference(self) -> dict[str, list[Row]]:
        def calendar(race: int, facts: Row) -> Row:
            row = {"raceId": race, "year": facts["year"], "round": facts["round"], "circuitId": facts["circuit"]}
            row |= {"name": f"Grand Prix {facts['circuit']}", "date": facts["date"].isoformat(), "time": "13:00:00"}
            for session, days in SESSIONS.items():
                row |= {
                    f"{session}_date": (facts["date"] + timedelta(days=days)).isoformat(),
                    f"{session}_time": "12:00:00",
                }
            return row

        drivers, teams = range(1, CARS + 1), range(1, TEAMS + 1)
        circuits = sorted({facts["circuit"] for facts in self.races.values()})
        return {
            "races": [calendar(race, facts) for race, facts in sorted(self.races.items())],
            "drivers": [
                {
                    "driverId": n,
                    "driverRef": f"d{n}",
                    "code": f"D{n:02d}",
                    "forename": "A",
                    "surname": f"B{n}",
                    "dob": None,
                }
                for n in drivers
            ],
            "constructors": [{"constructorId": n, "constructorRef": f"team{n}", "name": f"Team {n}"} for n in teams],
            "circuits": [
                {"circuitId": n, "circuitRef": f"c{n}", "name": f"C {n}", "lat": None, "lng": None} for n in circuits
            ],
            "status": [
                {"statusId": FINISHED, "status": "Finished"},
                {"statusId": ENGINE, "status": "Engine"},
                {"statusId": WITHDREW, "status": "Withdrew"},
            ],
        }
