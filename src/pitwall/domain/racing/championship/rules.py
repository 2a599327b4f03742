"""All rules of one season's championship in one value, points in 84ths so that every table is exact.

A shared drive of the fifties gave halves and thirds, a fastest lap that seven drivers shared gave sevenths, a race that was stopped
early gives halves: 84 is divisible by all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pitwall.domain.racing.championship.counting import (
    Best,
    best_car_only,
    driver_results,
    team_results,
    team_rounds_without,
)
from pitwall.domain.racing.championship.points import (
    FastestLap,
    announced_factor,
    fastest_lap,
    points_system,
    sprint_points_system,
    team_points_system,
)

UNIT = 84


@dataclass(frozen=True)
class Rules:
    """The rules of a season.

    Attributes:
        season: the season.
        race: points of places to drivers, `team_race` to constructors.
        sprint: points of places in sprints, to both.
        fastest_lap: what it is worth; None where nothing. To constructors it was worth nothing before 1961.
        driver_results, team_results: which results count; nothing where all do.
        best_car_only: whether only a constructor's best car of each race scores for it.
        teams_without: rounds in which constructors scored nothing.
    """

    season: int
    race: tuple[int, ...]
    team_race: tuple[int, ...]
    sprint: tuple[int, ...]
    fastest_lap: FastestLap | None
    driver_results: tuple[Best, ...] = ()
    team_results: tuple[Best, ...] = ()
    best_car_only: bool = False
    teams_without: frozenset[int] = field(default_factory=frozenset)

    def factor(self, number: int) -> float:
        """Return by what the points of a round to come count."""
        return announced_factor(self.season, number)


def rules_of(season: int) -> Rules:
    """Return the rules of a season; those of the last one that is known for seasons to come.

    Example:
        >>> rules_of(2021).sprint, rules_of(1985).driver_results
        ((3, 2, 1), (Best(most=11, first=1, last=99),))
    """
    return Rules(
        season=season,
        race=points_system(season),
        team_race=team_points_system(season),
        sprint=sprint_points_system(season),
        fastest_lap=fastest_lap(season),
        driver_results=driver_results(season),
        team_results=team_results(season),
        best_car_only=best_car_only(season),
        teams_without=team_rounds_without(season),
    )


def exact(points: float) -> int:
    """Return points in 84ths; data with two decimals lose nothing by it.

    Example:
        >>> exact(3.14), exact(1.33), exact(12.5)
        (264, 112, 1050)
    """
    return round(points * UNIT)


def shown(units: float) -> float:
    """Return 84ths as points with two decimals."""
    return round(units / UNIT, 2)
