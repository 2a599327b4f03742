"""Write the synthetic world as rows of an Ergast dump: people, circuits, calendar, weekends; `results` adds the races."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pitwall.sources.synthetic_world.publishing.history import Appointment, Round
from pitwall.sources.synthetic_world.racing.weather import forecasts
from pitwall.sources.synthetic_world.state.calendar import session_columns
from pitwall.sources.synthetic_world.state.circuit import Circuit
from pitwall.sources.synthetic_world.state.field import Field
from pitwall.sources.synthetic_world.state.names import FORENAMES, NATIONALITIES, STATUS, TEAMS, surnames

Row = dict[str, Any]
PARTS = ("q1", "q2", "q3")
SECTORS = ("sector1", "sector2", "sector3")


class Dump:
    """Collects rows per file. Teams, drivers, races count from 1; driver and team arrays count from 0."""

    def __init__(self) -> None:
        self.files: defaultdict[str, list[Row]] = defaultdict(list)
        self.files["status"] = [{"statusId": number, "status": text} for number, text in STATUS.items()]

    def write(self, folder: Path) -> None:
        """Write every file that has rows; the same rows give the same bytes."""
        for name, rows in sorted((name, rows) for name, rows in self.files.items() if rows):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(rows[0])
                writer.writerows([["\\N" if value is None else value for value in row.values()] for row in rows])

    def add_people(self, drivers: int, teams: int, first_season: int, rng: np.random.Generator) -> None:
        """Write drivers and constructors; the later a driver comes, the later they were born."""
        for number, surname in enumerate(surnames(drivers, rng), start=1):
            born = first_season - 32 + int(rng.integers(0, 12)) + max(0, number - 2 * teams) // 6
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

    def add_circuits(self, circuits: Iterable[Circuit]) -> None:
        """Write the circuits."""
        for each in circuits:
            self.files["circuits"].append(
                {
                    "circuitId": each.number,
                    "circuitRef": each.name.lower().replace(" ", "_"),
                    "name": f"{each.name} Circuit",
                    "location": each.name,
                    "country": each.country,
                    "lat": each.lat,
                    "lng": each.lng,
                    "alt": each.alt,
                }
            )

    def add_calendar(self, calendar: Mapping[int, Appointment]) -> None:
        """Write the seasons and their races."""
        for season in sorted({at.season for at in calendar.values()}):
            self.files["seasons"].append({"year": season, "url": None})
        for race, at in calendar.items():
            what = {"raceId": race, "year": at.season, "round": at.number, "circuitId": at.circuit.number}
            self.files["races"].append({**what, "name": race_name(at.circuit), **session_columns(at.start, at.sprint)})

    def add_weekend(self, each: Round, rng: np.random.Generator) -> None:
        """Write practice, qualifying, their sectors and the forecasts of the weather; `rng` makes the laps and forecasts."""
        for number, session in enumerate(each.practice, start=1):
            for car in np.argsort(session.place):
                line = {**car_ids(each.race_id, each.field, car), "session": f"FP{number}"}
                times = {"milliseconds": round(float(session.seconds[car]) * 1000), "laps": int(rng.integers(12, 32))}
                self.files["practice"].append({**line, "position": int(session.place[car]), **times})
            self._sectors(each, f"FP{number}", session.sectors)
        for car in np.argsort(each.qualifying[0].place):
            parts = {name: lap_text(part.seconds[car]) for name, part in zip(PARTS, each.qualifying, strict=True)}
            line = {**car_ids(each.race_id, each.field, car), "number": int(each.field.driver[car]) + 2}
            place = int(each.qualifying[0].place[car])
            self.files["qualifying"].append({**line, "position": place, **parts})
        for name, part in zip(PARTS, each.qualifying, strict=True):
            self._sectors(each, name.upper(), part.sectors)
        for lead, chance, air in forecasts(each.day, rng):
            line = {"raceId": each.race_id, "leadHours": lead}
            self.files["weather_forecasts"].append(
                {**line, "rainProbability": round(chance, 3), "airTemp": round(air, 1)}
            )

    def add_grid(self, each: Round) -> None:
        """Publish the final grid of a race that has not been run."""
        for car in map(int, np.argsort(each.slot)):
            slot = 0 if each.pit_lane[car] else int(each.slot[car])
            self.files["grid"].append({**car_ids(each.race_id, each.field, car), "grid": slot})

    def _sectors(self, each: Round, session: str, sectors: np.ndarray) -> None:
        for car in map(int, np.flatnonzero(~np.isnan(sectors[:, 0]))):
            seconds = {name: float(value) for name, value in zip(SECTORS, sectors[car], strict=True)}
            self.files["session_sectors"].append(
                {**car_ids(each.race_id, each.field, car), "session": session, **seconds}
            )


def race_name(circuit: Circuit) -> str:
    """Return what a race at a circuit is called."""
    return f"{circuit.name} Grand Prix"


def car_ids(race: int, field: Field, car: int) -> Row:
    """Return the ids of a car in the dump."""
    return {"raceId": race, "driverId": int(field.driver[car]) + 1, "constructorId": int(field.team[car]) + 1}


def lap_text(seconds: float) -> str | None:
    """Return a lap time as `m:ss.mmm`, None for NaN."""
    if np.isnan(seconds):
        return None
    milliseconds = round(float(seconds) * 1000)
    return f"{milliseconds // 60000}:{milliseconds % 60000 / 1000:06.3f}"
