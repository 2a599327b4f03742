"""What a place is worth, by season: in races whole and shortened, in sprints, and for the fastest lap.

Sources: the FIA's sporting regulations as summarised by the Ergast data set; `studies/championship_tables.py` holds them against
the points of every result from 1950 to 2024.
"""

from __future__ import annotations

from dataclasses import dataclass

_SYSTEMS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2010, (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)),
    (2003, (10, 8, 6, 5, 4, 3, 2, 1)),
    (1991, (10, 6, 4, 3, 2, 1)),
    (1961, (9, 6, 4, 3, 2, 1)),
    (1960, (8, 6, 4, 3, 2, 1)),
    (1950, (8, 6, 4, 3, 2)),
)
_TEAMS_1961 = (8, 6, 4, 3, 2, 1)  # a win became worth 9 to drivers a year before it did to constructors
_SPRINTS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2022, (8, 7, 6, 5, 4, 3, 2, 1)),
    (2021, (3, 2, 1)),
    (1950, ()),
)
# Since 2022 by the share of the distance that was driven, below each limit; before, half of the whole below 75 %
_SHORTENED: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.25, (6, 4, 3, 2, 1)),
    (0.5, (13, 10, 8, 6, 5, 4, 3, 2, 1)),
    (0.75, (19, 14, 12, 9, 8, 6, 5, 3, 2, 1)),
)
_WHOLE = 0.75
_STOPPED = frozenset(
    {(1975, 4), (1975, 12), (1984, 6), (1991, 16), (2009, 2), (2021, 12)}
)  # too early for whole points
_ANNOUNCED = {(2014, 19): 2.0}  # known before the season: the race that counted twice
PODIUM = 3


@dataclass(frozen=True)
class FastestLap:
    """A point for the fastest lap, to a car among the first `places` (None: to any car)."""

    points: int
    places: int | None


def points_system(season: int) -> tuple[int, ...]:
    """Return the points for places 1, 2, ... of a race in a season.

    Example:
        >>> points_system(1995)
        (10, 6, 4, 3, 2, 1)
    """
    return next(points for first, points in _SYSTEMS if season >= first or first == _SYSTEMS[-1][0])


def points_places(season: int) -> int:
    """Return how many places score in a season: 5 in 1950, 6 until 2002, 8 until 2009, 10 since."""
    return len(points_system(season))


def team_points_system(season: int) -> tuple[int, ...]:
    """Return what places are worth to constructors: as to drivers, but for 1961."""
    return _TEAMS_1961 if season == 1961 else points_system(season)


def sprint_points_system(season: int) -> tuple[int, ...]:
    """Return the points for places of a sprint; none before 2021."""
    return next(points for first, points in _SPRINTS if season >= first or first == _SPRINTS[-1][0])


def fastest_lap(season: int) -> FastestLap | None:
    """Return what the fastest lap is worth: a point to anybody in 1950 to 1959, to one of the first ten in 2019 to 2024."""
    if season <= 1959:
        return FastestLap(1, None)
    return FastestLap(1, 10) if 2019 <= season <= 2024 else None


def factor_of(season: int, number: int) -> float:
    """Return by what the points of a race counted: 1, but for those that were stopped early, and the last of 2014.

    Args:
        season: of the race.
        number: its round.
    """
    return 0.5 if (season, number) in _STOPPED else announced_factor(season, number)


def announced_factor(season: int, number: int) -> float:
    """Return by what the points of a race were to count before it was run: nobody knows beforehand that one will be stopped.

    Args:
        season: of the race.
        number: its round.
    """
    return _ANNOUNCED.get((season, number), 1.0)


def shortened_points(season: int, share: float) -> tuple[float, ...]:
    """Return the points for places of a race of which only a share of the distance was driven.

    Args:
        season: of the race.
        share: of the distance, at least two laps of it without a safety car.

    Example:
        >>> shortened_points(2021, 0.6)[:3], shortened_points(2022, 0.3)[:3]
        ((12.5, 9.0, 7.5), (13, 10, 8))
    """
    whole = points_system(season)
    if share >= _WHOLE:
        return whole
    if season < 2022:
        return tuple(points / 2 for points in whole)
    return next(points for limit, points in _SHORTENED if share < limit)
