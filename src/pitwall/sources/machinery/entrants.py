"""Who took part in which race, as the newest dump of results says: sources of laps find the ids of races, drivers and teams by it.

A feed knows a car by its number and its driver by a code. Both mean somebody only within a race: codes are shared by drivers of different
years, numbers are passed on.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.comparing.matching import letters
from pitwall.sources.machinery.reading.schema import FORMATS, NULL
from pitwall.sources.machinery.reading.values import number as read_number

NEAR = timedelta(hours=36)  # between a race of the calendar and a session of a feed


@dataclass(frozen=True)
class Car:
    """A car of a race: the ids of its driver and team, and what a feed may call it by."""

    driver_id: int
    constructor_id: int
    number: int | None
    code: str
    surname: str


@dataclass(frozen=True)
class Race:
    """A race of the dump that was run, with its scheduled start and its cars."""

    race_id: int
    season: int
    round: int
    name: str
    starts_at: datetime
    cars: tuple[Car, ...]

    def car(self, *, code: Any = None, number: Any = None, surname: Any = None) -> Car | None:
        """Return the car that a feed means: by code, else by surname, else by number; None where none or several fit."""
        ways = (
            ([car for car in self.cars if car.code and car.code == letters(code)] if code else []),
            ([car for car in self.cars if car.surname == letters(surname)] if surname else []),
            ([car for car in self.cars if car.number is not None and car.number == _whole(number)]),
        )
        return next((found[0] for found in ways if len(found) == 1), None)


def races_run(results: Path | None, first_season: int, last_season: int, needs: str) -> list[Race]:
    """Return the races of some seasons that have results, in order.

    Args:
        results: the newest snapshot of the source of results.
        first_season: the first one.
        last_season: the last one.
        needs: the source that asks, for the message.

    Raises:
        SourceError: there is no snapshot yet, or it holds no race of these seasons.
    """
    if results is None:
        raise SourceError(
            f"{needs} finds races and drivers by the results, and none were fetched yet; fetch them first with `dvc repro ingest`."
        )
    drivers = {line["driverId"]: line for line in _lines(results, "drivers")}
    cars: dict[str, list[Car]] = {}
    for line in _lines(results, "results"):
        cars.setdefault(line["raceId"], []).append(_car(line, drivers.get(line["driverId"], {})))
    races = [
        _race(line, tuple(cars[line["raceId"]]))
        for line in _lines(results, "races")
        if line["raceId"] in cars and first_season <= int(line["year"]) <= last_season
    ]
    if not races:
        raise SourceError(
            f"{needs}: the results hold no race of {first_season} to {last_season} that was run; correct first_season and last_season of the "
            "source in params.yaml."
        )
    return sorted(races, key=lambda race: (race.season, race.round))


def nearest_race(races: list[Race], instant: datetime) -> Race | None:
    """Return the race that starts about an instant, None where none does."""
    near = min(races, key=lambda race: abs(race.starts_at - instant), default=None)
    return near if near is not None and abs(near.starts_at - instant) < NEAR else None


def _car(line: dict[str, str], driver: dict[str, str]) -> Car:
    return Car(
        int(line["driverId"]),
        int(line["constructorId"]),
        _whole(line.get("number") or driver.get("number")),
        letters(driver.get("code", "")),
        letters(driver.get("surname", "")),
    )


def _race(line: dict[str, str], cars: tuple[Car, ...]) -> Race:
    day = datetime.fromisoformat(line["date"]).replace(tzinfo=UTC)
    hours, minutes = (int(part) for part in (line.get("time") or "13:00").split(":")[:2])
    starts_at = day + timedelta(hours=hours, minutes=minutes)
    return Race(int(line["raceId"]), int(line["year"]), int(line["round"]), line.get("name", ""), starts_at, cars)


def _lines(snapshot: Path, table: str) -> Iterator[dict[str, str]]:
    """Yield the lines of a file of the dump under the names of the format, without what is null."""
    file = FORMATS["results"].files[table]
    for path in sorted(snapshot.iterdir()):
        if FORMATS["results"].table(path.name) == table and path.suffix != ".parquet":
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            names = {name: column for column, name in file.known(list(reader.fieldnames or [])).items()}
            for line in reader:
                yield {names[name]: text for name, text in line.items() if name in names and text not in NULL}


def _whole(text: Any) -> int | None:
    value = read_number(str(text)) if text is not None else None
    return int(value) if value is not None and value.is_integer() else None
