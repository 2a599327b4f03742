"""A dump of a few seasons in Ergast's format.

The faster a driver is, the better their places and the rarer their retirements, so there is something to learn. The third race of a
season has no qualifying lines, one driver comes late, the last cars are lapped.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

CARS, RACES, TEAMS = 8, 7, 4
SEASONS = range(2003, 2011)
FAILS = 0.25


def tiny_dump(luck: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return the files of a dump, by name."""
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
