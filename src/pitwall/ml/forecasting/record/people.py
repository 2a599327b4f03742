"""Forecasts of people: a file of probabilities becomes rows of the track record, and what is no forecast in time is refused by line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from pitwall.domain.errors import PitwallError, UsageError
from pitwall.domain.records.track_record import OWN, instant
from pitwall.domain.tables import Tables
from pitwall.ml.data.among import of_race
from pitwall.ml.data.calendar import Race, find_race
from pitwall.ml.data.entity_names import entity
from pitwall.ml.evaluation.scoring import family_of
from pitwall.ml.models import model
from pitwall.ml.templates import Template, template

COLUMNS = ("race", "driver", "template", "probability")
READS = ("races", "results", "entries", "drivers", "constructors", "circuits")
CLOSE = 0.01  # of the sum of probabilities to the number of cars that it comes true for
DIGITS = 6
DRIVER = ("driver_id",)


@dataclass(frozen=True)
class Handed:
    """What somebody handed in: rows for the record, and what was refused, in words."""

    rows: tuple[dict[str, Any], ...]
    refused: tuple[str, ...]


def read_people(file: Path | str, by: str, tables: Tables, now: datetime) -> Handed:
    """Read a CSV file with race, driver, template and probability, as one person's forecasts.

    Args:
        file: where it is, or its text.
        by: whose forecasts they are.
        tables: those of `READS`.
        now: the instant at which they are handed in; a session that has started by then is refused.

    Raises:
        UsageError: the file cannot be read or lacks a column, or nobody is named.
    """
    if not by.strip():
        raise UsageError("whose forecasts are these? Name somebody: --as NAME.")
    name = "the text" if isinstance(file, str) else str(file)
    try:
        with _opened(file) as stream:
            reader = csv.DictReader(stream, restval="")
            lines = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name} cannot be read as a CSV file in UTF-8: {error}.") from error
    if missing := [each for each in COLUMNS if each not in (reader.fieldnames or ())]:
        raise UsageError(
            f"{name} has no column {', '.join(missing)}; forecasts are given as {','.join(COLUMNS)} with a line per car, "
            "e.g. 2026-05,VER,race_winner,0.4."
        )
    reading, refused = _Reader(tables, now), []
    said: dict[tuple[str, str], dict[str, float]] = {}
    for number, line in enumerate(lines, start=2):
        try:
            race, question, driver, p = reading.line(line)
            own = said.setdefault((race.label, question.name), {})
            if driver in own:
                raise ValueError("another line is about this driver")
            own[driver] = p
        except (PitwallError, ValueError) as error:
            refused.append(f"line {number}: {error}")
    made = [reading.row(race, name, by.strip(), own) for (race, name), own in said.items()]
    return Handed(
        tuple(row for row in made if isinstance(row, dict)), (*refused, *(row for row in made if isinstance(row, str)))
    )


def newest(rows: Iterable[Mapping[str, Any]], by: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return {(race, template): somebody's newest forecast in time}."""
    own = [row for row in rows if row["kind"] == OWN and row["by"] == by and row["in_time"]]
    return {(row["race"], row["template"]): row for row in own}


def _opened(file: Path | str) -> TextIO:
    return (
        StringIO(file.removeprefix("\ufeff"), newline="")
        if isinstance(file, str)
        else file.open(encoding="utf-8-sig", newline="")
    )


class _Reader:
    """Makes forecasts of lines; whom a name means is looked up once per race."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        newest_rows = tables.as_of()
        self._now = now
        self._race = cache(lambda label: find_race(newest_rows, label, "pre_race"))
        self._among = cache(lambda label: of_race(newest_rows, self._race(label)))
        self._driver = cache(lambda name, label: entity(newest_rows, "driver", name, self._among(label))[0])
        self._question = cache(_question)

    def line(self, line: Mapping[str, str]) -> tuple[Race, Template, str, float]:
        race, question = self._race(line["race"].strip()), self._question(line["template"].strip())
        start = _start(race, question)
        if self._now >= start:
            raise ValueError(f"the session of {question.name} at {race.label} started at {instant(start)}: too late")
        driver = self._driver(line["driver"].strip(), race.label)
        p = float(line["probability"])
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"a probability lies between 0 and 1; found {line['probability']}")
        return race, question, str(int(driver)), round(p, DIGITS)

    def row(self, label: str, name: str, by: str, said: Mapping[str, float]) -> dict[str, Any] | str:
        """Return the row of one question about one race, or why it is refused."""
        race, question = self._race(label), self._question(name)
        total = sum(said.values())
        if question.cars is not None and abs(total - (cars := question.cars(race.season))) > CLOSE:
            return f"{label} {name}: the probabilities come to {total:.3f}; of {cars} cars it comes true, so they must to {cars}"
        stage = str(question.stages[0])
        return {
            "kind": OWN,
            "race": race.label,
            "stage": stage,
            "model": f"{question.model}-{stage}",
            "template": name,
            "by": by,
            "said": dict(said),
            "starts_at": instant(_start(race, question)),
        }


def _question(name: str) -> Template:
    question = template(name)
    if model(question.model).kind.own != DRIVER or family_of(question).label_type != "bool":
        raise UsageError(f"{name} is no question with a probability per driver of a race")
    return question


def _start(race: Race, question: Template) -> datetime:
    start: datetime = race.cutoffs[question.stages[0]].to_pydatetime()
    return start
