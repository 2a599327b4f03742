"""How often the held-out seasons were opened: every set of predictions that was ever scored on them, counted once.

Seasons that judge many candidates end up choosing the luckiest one, so what was scored is written down where it happens,
promoted or not. The same recipe trained again on newer races says the same of old seasons and opens nothing. A season is
known by its cars, so that the same year of another source is another season.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from pitwall.domain.project import Project
from pitwall.ml.predictions import KEYS, place_columns

FILE = "openings.jsonl"
DECIMALS = 6  # of a probability: what two machines may differ in is below
LOCK_SECONDS = 60.0


def record(project: Project, name: str, own: pd.DataFrame) -> None:
    """Write down that a model's out-of-sample predictions were scored, unless these very ones are written already."""
    digest, seasons = fingerprint(own), sorted(_seasons(own))
    path = _file(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(path.with_name(".openings.lock")), timeout=LOCK_SECONDS):
        if not any(row["predictions"] == digest for row in _rows(project, name)):
            row = {"model": name, "predictions": digest, "seasons": seasons, "at": _now()}
            with path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row, sort_keys=True) + "\n")


def count(project: Project, name: str, own: pd.DataFrame) -> int:
    """Return how many different predictions were scored on the most often opened of a model's held-out seasons."""
    opened = Counter(season for row in _rows(project, name) for season in row["seasons"])
    return max((opened[season] for season in _seasons(own)), default=0)


def _seasons(own: pd.DataFrame) -> set[str]:
    """Return each season with a hash of the cars of its races, e.g. `2024-1f3a5c7e`."""
    found = set()
    for season, rows in own.groupby("season"):
        cars = rows[["race_id", "driver_id"]].sort_values(["race_id", "driver_id"]).astype("int64").to_numpy()
        found.add(f"{season}-{hashlib.sha256(cars.tobytes()).hexdigest()[:8]}")
    return found


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
