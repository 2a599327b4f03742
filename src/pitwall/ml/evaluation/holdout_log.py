"""How often the held-out seasons were opened: every set of predictions that was ever scored on them, counted once.

Seasons that judge many candidates end up choosing the luckiest one, so what was scored is written down where it happens,
promoted or not. The same recipe trained again on newer races says the same of old seasons and opens nothing. A season is
known by its cars, so that the same year of another source is another season.

A look at a part of a season under way opens that season too. It is written down as a part, race by race: the same recipe scored
on a race more has said nothing new of the others, so it goes on with its earlier row instead of being counted again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from pitwall.domain.project import Project
from pitwall.ml.families.predictions import KEYS, place_columns

FILE = "holdout_log.jsonl"
DECIMALS = 6  # of a probability: what two machines may differ in is below
LOCK_SECONDS = 60.0
SHORT = 8  # letters of a hash that are kept


def record(project: Project, name: str, own: pd.DataFrame, parts: Mapping[int, str] | None = None) -> None:
    """Write down that a model's out-of-sample predictions were scored, unless these very ones are written already.

    Args:
        project: that keeps the log.
        name: of the model.
        own: its predictions.
        parts: {season: "12 of 24"} where they are of parts of seasons.
    """
    digest, seasons, said = fingerprint(own), sorted(_seasons(own)), _by_race(own)
    path = _file(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(path.with_name(".holdout_log.lock")), timeout=LOCK_SECONDS):
        known = _rows(project, name)
        if any(row["predictions"] == digest or said.items() <= _races(row).items() for row in known):
            return
        row: dict[str, Any] = {"model": name, "predictions": digest, "seasons": seasons, "at": _now()}
        if parts:
            row |= {"parts": {str(season): share for season, share in parts.items()}, "races": said}
        if goes_on := [each["predictions"] for each in known if _races(each) and _races(each).items() <= said.items()]:
            row["goes_on"] = goes_on
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, sort_keys=True) + "\n")


def count(project: Project, name: str, own: pd.DataFrame) -> int:
    """Return how many different predictions were scored on the most often opened of a model's held-out seasons, or a part."""
    rows = _rows(project, name)
    earlier = {digest for row in rows for digest in row.get("goes_on", [])}
    counted = [row for row in rows if row["predictions"] not in earlier]
    opened = [_opened(counted, season, set(_by_race(cars))) for season, cars in _by_season(own).items()]
    return max(opened, default=0)


def _opened(rows: list[dict[str, Any]], season: str, races: set[str]) -> int:
    return sum(season in row["seasons"] or not races.isdisjoint(_races(row)) for row in rows)


def _races(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row of parts of seasons says of each race; empty for complete seasons."""
    return dict(row.get("races", {}))


def _seasons(own: pd.DataFrame) -> set[str]:
    """Return each season with a hash of the cars of its races, e.g. `2024-1f3a5c7e`."""
    return set(_by_season(own))


def _by_season(own: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {f"{season}-{_cars(rows)}": rows for season, rows in own.groupby("season")}


def _by_race(own: pd.DataFrame) -> dict[str, str]:
    """Return {hash of a race's cars: hash of what is said of them}."""
    return {_cars(rows): _said(rows) for _, rows in own.groupby("race_id")}


def _cars(rows: pd.DataFrame) -> str:
    cars = rows[["race_id", "driver_id"]].sort_values(["race_id", "driver_id"]).astype("int64").to_numpy()
    return hashlib.sha256(cars.tobytes()).hexdigest()[:SHORT]


def _said(race: pd.DataFrame) -> str:
    """Return a hash of what is said of one race; places of larger fields do not count."""
    beyond = place_columns(race)[len(race) :]
    return fingerprint(race.drop(columns=beyond))[:SHORT]


def fingerprint(own: pd.DataFrame) -> str:
    """Return a hash of what one model says of every car, whatever the order of the rows."""
    rows = own.sort_values(KEYS)
    digest = hashlib.sha256(rows[KEYS].astype("int64").to_numpy().tobytes())
    digest.update((rows[place_columns(rows)].to_numpy().round(DECIMALS) + 0.0).tobytes())
    return digest.hexdigest()


def _file(project: Project) -> Path:
    return project.mlruns / FILE


def _rows(project: Project, name: str) -> list[dict[str, Any]]:
    path = _file(project)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [row for row in map(json.loads, lines) if row["model"] == name]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
