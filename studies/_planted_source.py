"""The `planted` source: the embedded world, whose timing of practice is off from one race on. A study puts this file into a project's sources.

From that race on every practice time but the quickest of its session is later by so many standard deviations of the gaps to the quickest before: a
timing system that no longer reports each car's best lap, for one. Only this column is touched, and no race before.
"""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import pstdev
from typing import Any

from pitwall.sources.machinery.source import Source
from pitwall.sources.synthetic import SyntheticSettings

COLUMN = "milliseconds"  # of practice.csv
Row = dict[str, Any]


class PlantedSettings(SyntheticSettings):
    """Those of the embedded world, and the race from which on the fault is there: `202405` is round 5 of 2024, 0 is never; and its size in sds."""

    off_from: int = 0
    off_by: float = 1.0


def fetch(_location: str | None, settings: PlantedSettings, folder: Path) -> None:
    """Write the world's files, then the fault into one of them."""
    from pitwall.sources.synthetic_world import World
    from pitwall.sources.synthetic_world.publishing.publication import publish

    publish(World(settings), folder)
    if settings.off_from:
        _plant(folder / "practice.csv", settings.off_from, settings.off_by)


def _plant(path: Path, off_from: int, off_by: float) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows: list[Row] = list(csv.DictReader(stream))
    best = dict[tuple[str, str], int]()
    for row in rows:
        session = row["raceId"], row["session"]
        best[session] = min(int(row[COLUMN]), best.get(session, int(row[COLUMN])))
    gaps = {id(row): int(row[COLUMN]) - best[row["raceId"], row["session"]] for row in rows}
    later = round(off_by * pstdev(gap for row in rows if (gap := gaps[id(row)]) and int(row["raceId"]) < off_from))
    for row in rows:
        if gaps[id(row)] and int(row["raceId"]) >= off_from:
            row[COLUMN] = int(row[COLUMN]) + later
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


SOURCE = Source(
    name="planted",
    summary="the embedded world with a fault that a study planted",
    attribution="Synthetic data made by Pitwall; any likeness to real persons or teams is accidental",
    needs_location=False,
    Settings=PlantedSettings,
    fetch=fetch,
    role="both",
    deterministic=True,
)
