"""A tiny world in the form of RelBench's rel-f1: a dump of a few seasons and the benchmark's tables, in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS, Task

CARS, RACES, TEAMS = 8, 7, 4
SEASONS = range(2003, 2011)
WINDOWS = {"val": 6, "test": 5}
FAILS = 0.25


def write_tiny_relbench(folder: Path, seed: int = 1) -> Path:
    """Write `ergast` and `rel_f1` into a folder and return it.

    The faster a driver is, the better their places and the rarer their retirements, so there is something to learn. One race has no
    qualifying lines, one driver comes late, one car is lapped now and then.
    """
    dump = folder / "ergast"
    dump.mkdir(parents=True)
    for name, rows in _dump(np.random.default_rng(seed)).items():
        rows.to_csv(dump / name, index=False, na_rep="\\N")
    for task in TASKS.values():
        for split in ("train", *CUTOFFS):
            table = _table(dump, task, split)
            (folder / "rel_f1" / task.name).mkdir(parents=True, exist_ok=True)
            kept = table.drop(columns=task.target) if split == "test" else table
            kept.to_parquet(folder / "rel_f1" / task.name / f"{split}.parquet", index=False)
    return folder


def _dump(luck: np.random.Generator) -> dict[str, pd.DataFrame]:
    races, results, qualifying, laps = [], [], [], []
    for season in SEASONS:
        for number in range(1, RACES + 1):
            race = (season - SEASONS.start) * RACES + number
            date = pd.Timestamp(season, 3, 10) + pd.Timedelta(days=30 * (number - 1))
            races.append((race, season, number, f"{date:%Y-%m-%d}", "12:00:00" if season > 2004 else None))
            drivers = np.arange(1, CARS + 1) + (np.arange(CARS) == CARS - 1) * (season > 2008)
            speed = -0.6 * np.arange(CARS) + luck.normal(0, 1, CARS)
            grid = np.argsort(np.argsort(-speed - luck.normal(0, 0.5, CARS))) + 1
            fails = luck.random(CARS) < FAILS + 0.03 * np.arange(CARS)
            order = np.argsort(np.argsort(-speed + 100 * fails)) + 1
            for car, driver in enumerate(drivers):
                status = 5 if fails[car] else 11 if order[car] > CARS - 2 else 1
                team = car % TEAMS + 1
                points = max(0, 10 - 2 * (order[car] - 1))
                results.append((race, driver, team, grid[car], order[car], points, status))
                if number != 3:
                    qualifying.append((race, driver, team, grid[car], f"1:2{grid[car] % 10}.{100 + car}", None, None))
                laps += [(race, driver, 90_000 + 300 * order[car] + 10 * lap) for lap in range(9)]
    return {
        "races.csv": pd.DataFrame(races, columns=["raceId", "year", "round", "date", "time"]),
        "results.csv": pd.DataFrame(
            results, columns=["raceId", "driverId", "constructorId", "grid", "positionOrder", "points", "statusId"]
        ),
        "qualifying.csv": pd.DataFrame(
            qualifying, columns=["raceId", "driverId", "constructorId", "position", "q1", "q2", "q3"]
        ),
        "status.csv": pd.DataFrame({"statusId": [1, 5, 11], "status": ["Finished", "Engine", "+1 Lap"]}),
        "constructors.csv": pd.DataFrame(
            {"constructorId": range(1, TEAMS + 1), "constructorRef": ["sauber", "minardi", "north", "south"]}
        ),
        "lap_times.csv": pd.DataFrame(laps, columns=["raceId", "driverId", "milliseconds"]),
    }


def _table(dump: Path, task: Task, split: str) -> pd.DataFrame:
    """Return a split with labels: whole windows after its cut-off, or before the first one."""
    known = load(dump).before(pd.Timestamp(SEASONS.stop, 1, 1))
    start = CUTOFFS["val" if split == "train" else split]
    steps = range(WINDOWS[split]) if split in WINDOWS else range(-(3 * 365 // task.days), 0)
    parts = []
    for step in steps:
        seed = start + step * task.window
        true = task.outcomes(known, seed, official=True)["label"]
        parts.append(pd.DataFrame({"date": seed, "driverId": true.index.to_numpy(), task.target: true.to_numpy()}))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)
