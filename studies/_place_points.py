"""Whether every result of the dump has the points that its place is worth, and why one has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pitwall.domain.racing.championship.points import factor_of
from pitwall.domain.racing.championship.rules import exact, rules_of

KIND = "results"
SHARED = "a shared drive: its points were divided"
LAP = "the point for the fastest lap, or a part of it, of which the dump does not say whose it was"
SINGLE = {
    (1958, 8): "a car of Formula 2 took a place and no points",
    (1963, 4): "no points after a push at the start",
    (1967, 7): "cars of Formula 2 took places and no points; those behind them moved up",
    (1984, 14): "a second car that its team had not entered for the season",
    (1987, 16): "a second car that its team had not entered for the season",
    (2024, 8): "the dump has no rank of that lap: the point for the fastest one",
}


def point_differences(results: pd.DataFrame, sprints: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a row per result whose points are not those of its place, and one with the number of all.

    Args:
        results: lines of races with season, round, driverId, position (null where not classified), points and rank of the fastest lap.
        sprints: the same of sprints.
    """
    same = results.groupby(["season", "round", "position"])["driverId"].transform("size")
    for row, cars in zip(results.itertuples(index=False), same, strict=True):
        expected = _worth(row)
        if exact(row.points) != exact(expected):
            yield _row(row, _reason(row, expected, shared=cars > 1))
    for row in sprints.itertuples(index=False):
        system = rules_of(row.season).sprint
        if exact(row.points) != exact(system[int(row.position) - 1] if row.position <= len(system) else 0):
            yield _row(row, "")
    both = pd.concat([results, sprints])
    for season, count in both.groupby("season").size().items():
        yield {
            "kind": KIND,
            "season": int(season),
            "round": 0,
            "what": "lines",
            "count": int(count),
            "who": "",
            "why": "",
        }


def _worth(row: Any) -> float:
    """Return what the season's rules give the place, with the fastest lap where the dump says whose it was."""
    rules = rules_of(row.season)
    place = int(row.position) if row.position == row.position else 0
    points = rules.race[place - 1] * factor_of(row.season, row.round) if 0 < place <= len(rules.race) else 0.0
    lap = rules.fastest_lap
    return points + (lap.points if lap and lap.places and row.rank == 1 and 0 < place <= lap.places else 0)


def _reason(row: Any, expected: float, *, shared: bool) -> str:
    if shared:
        return SHARED
    if row.season <= 1959 and 0 < row.points - expected <= 1:
        return LAP
    return SINGLE.get((row.season, row.round), "")


def _row(row: Any, why: str) -> dict[str, Any]:
    return {
        "kind": KIND,
        "season": int(row.season),
        "round": int(row.round),
        "what": "points of a place",
        "count": 1,
        "who": str(row.driverId),
        "why": why,
    }
