"""The championship's rules by season: how many places score, and what a place is worth.

Sources: the FIA's sporting regulations as summarised by the Ergast data set. The point for the fastest lap, double and
half points and sprints are not part of a place's worth here.
"""

from __future__ import annotations

_SYSTEMS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (2010, (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)),
    (2003, (10, 8, 6, 5, 4, 3, 2, 1)),
    (1991, (10, 6, 4, 3, 2, 1)),
    (1961, (9, 6, 4, 3, 2, 1)),
    (1960, (8, 6, 4, 3, 2, 1)),
    (1950, (8, 6, 4, 3, 2)),
)
PODIUM = 3


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
