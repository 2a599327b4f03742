"""The calendar of the synthetic world, and what its championship's rules change by season: fields, sprints, points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from pitwall.sources.synthetic_world.state.circuit import Circuit

SEASON_WEEKS = 38
FULL_FIELD = 8  # teams; smaller worlds, for tests, keep one size
SPRINTS = ((2023, 6), (2021, 3), (1950, 0))  # races with a sprint, since
SPRINT_POINTS = ((2022, (8, 7, 6, 5, 4, 3, 2, 1)), (1950, (3, 2, 1)))
FASTEST_LAP = (2019, 2024)  # seasons with a point for it, for those in the points
SPRINT_SHARE = 1 / 3  # of a race's laps


def most_teams(teams: int) -> int:
    """Return how many teams a season has at most, if `teams` take part in the last one."""
    return teams + 2 if teams >= FULL_FIELD else teams


def teams_of_season(number: int, seasons: int, teams: int) -> int:
    """Return how many teams take part: full fields are larger at first, and the last team joins in the last season."""
    if number == seasons - 1:
        return teams
    return {0: most_teams(teams), 1: teams}.get(number, teams - 1) if teams >= FULL_FIELD else teams - 1


def season_calendar(
    season: int, races: int, circuits: list[Circuit], rng: np.random.Generator
) -> list[tuple[datetime, Circuit]]:
    """Return (start in UTC, circuit) of a season's races, from early March to the end of November."""
    visited = [circuits[i] for i in np.sort(rng.permutation(len(circuits))[:races])]
    march = datetime(season, 3, 8, tzinfo=UTC)
    sunday = march + timedelta(days=(6 - march.weekday()) % 7)
    weeks = np.unique(np.linspace(0, SEASON_WEEKS, races).round().astype(int))
    return [
        (sunday + timedelta(weeks=int(week), hours=circuit.hour), circuit)
        for week, circuit in zip(weeks, visited, strict=True)
    ]


def sprint_rounds(season: int, races: int, rng: np.random.Generator) -> set[int]:
    """Return the numbers of the races that have a sprint, none in short seasons."""
    count = next(count for since, count in SPRINTS if season >= since)
    return set() if races < 10 else {int(each) + 1 for each in rng.permutation(races)[:count]}


def sprint_points(season: int) -> tuple[int, ...]:
    """Return the points of a sprint's first places."""
    return next(points for since, points in SPRINT_POINTS if season >= since)


def session_columns(start: datetime, sprint: bool) -> dict[str, str | None]:
    """Return the date and time columns of a race and its sessions; with a sprint there is one practice."""
    sessions = {"fp1": 49.5, "fp2": 46.0, "fp3": 26.5, "quali": 23.0, "sprint": 27.0}
    held = {"fp1", "quali", "sprint"} if sprint else {"fp1", "fp2", "fp3", "quali"}
    columns: dict[str, str | None] = {"date": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M:%S}"}
    for name, before in sessions.items():
        at = start - timedelta(hours=before)
        columns[f"{name}_date"] = f"{at:%Y-%m-%d}" if name in held else None
        columns[f"{name}_time"] = f"{at:%H:%M:%S}" if name in held else None
    return columns
