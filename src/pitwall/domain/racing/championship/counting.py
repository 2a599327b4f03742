"""Which results of a season count: until 1990 a driver's best ones, from 1967 to 1980 the best of each part of the season.

Constructors dropped results as drivers did until 1978, when only their best car of each race counted. Which parts the seasons 1968 to
1978 had decides nothing that the tables show: nobody scored in as many races; they are those of the regulations as published.
"""

from __future__ import annotations

from dataclasses import dataclass

LAST_ROUND = 99


@dataclass(frozen=True)
class Best:
    """The best `most` results of the rounds `first` to `last` count."""

    most: int
    first: int = 1
    last: int = LAST_ROUND


_WHOLE_SEASON = {
    **dict.fromkeys(range(1950, 1954), 4),
    **dict.fromkeys(range(1954, 1958), 5),
    **{1958: 6, 1959: 5, 1960: 6, 1961: 5, 1962: 5, 1963: 6, 1964: 6, 1965: 6, 1966: 5},
    **dict.fromkeys(range(1981, 1991), 11),
}
_TWO_PARTS = {  # season: best of the first rounds, and of the others
    1967: (5, 6, 4),
    1968: (5, 6, 5),
    1969: (5, 6, 4),
    1970: (6, 7, 5),
    1971: (5, 6, 4),
    1972: (5, 6, 5),
    1973: (7, 8, 6),
    1974: (7, 8, 6),
    1975: (6, 7, 6),
    1976: (7, 8, 7),
    1977: (8, 9, 7),
    1978: (7, 8, 7),
    1979: (4, 7, 4),
    1980: (5, 7, 5),
}
FIRST_TEAM_TITLE, ALL_CARS_SINCE = 1958, 1979
_INDIANAPOLIS = {1958: 4, 1959: 2, 1960: 3}  # the round that counted for drivers alone


def driver_results(season: int) -> tuple[Best, ...]:
    """Return which results count for drivers; nothing where all do.

    Example:
        >>> driver_results(1979)
        (Best(most=4, first=1, last=7), Best(most=4, first=8, last=99))
    """
    if season in _TWO_PARTS:
        early, until, late = _TWO_PARTS[season]
        return Best(early, last=until), Best(late, first=until + 1)
    return (Best(_WHOLE_SEASON[season]),) if season in _WHOLE_SEASON else ()


def team_results(season: int) -> tuple[Best, ...]:
    """Return which results count for constructors; nothing where all do, as since 1979."""
    return driver_results(season) if season < ALL_CARS_SINCE else ()


def best_car_only(season: int) -> bool:
    """Return whether only a constructor's best car of each race scores for it, as until 1978."""
    return season < ALL_CARS_SINCE


def team_rounds_without(season: int) -> frozenset[int]:
    """Return the rounds in which constructors scored nothing."""
    return frozenset({_INDIANAPOLIS[season]} if season in _INDIANAPOLIS else ())
