"""Decide which pages of a season are asked for, and how long a kept one is taken as it is.

What may have changed: the calendar and the season's lists, as long as the season lasts; what lies below a round, until some weeks after its
race. Everything else is looked at again after some months.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pitwall.sources.machinery.jolpica.fields import need_text
from pitwall.sources.machinery.jolpica.pages import (
    CONSTRUCTOR_STANDINGS,
    DRIVER_STANDINGS,
    LAPS,
    PIT_STOPS,
    QUALIFYING,
    RACES,
    RESULTS,
    SPRINT,
    Pages,
    Resource,
    Row,
)
from pitwall.sources.machinery.web.spool import DAY

FIRST_STOPS, FIRST_LAPS = 2011, 1996  # documented first seasons
FIRST_SPRINT, FIRST_CONSTRUCTORS = 2021, 1958


@dataclass(frozen=True)
class Wanted:
    """Which parts are asked for, and the ages in days at which a race is settled and a settled page is looked at again."""

    standings: bool
    pit_stops: bool
    laps: bool
    settle_days: float
    recheck_days: float


@dataclass(frozen=True)
class Season:
    """All rows of one season, by resource."""

    year: int
    rows: dict[Resource, list[Row]]


def read_season(pages: Pages, year: int, wanted: Wanted, now: float) -> Season | None:
    """Return a season's rows; None where the API has no race of it.

    Args:
        pages: the API.
        year: the season.
        wanted: which parts.
        now: seconds since 1970.

    Raises:
        SourceError: see `Pages.rows`.
    """
    where = f"{year}/"
    over = wanted.recheck_days * DAY if _is_over(year, now) else 0.0
    races = pages.rows(RACES, where, good_for=over)
    if not races:
        return None
    rows = {RACES: races}
    for resource in (RESULTS, QUALIFYING, *([SPRINT] if year >= FIRST_SPRINT else [])):
        rows[resource] = pages.rows(resource, where, good_for=over)
    dates = {need_text(race, "round", where): need_text(race, "date", where) for _, race in races}
    run = sorted({need_text(race, "round", where) for race, _ in rows[RESULTS]}, key=int)
    for resource in _of_rounds(year, wanted):
        rows[resource] = []
        for number in run:
            settled = now - _day(dates.get(number, f"{year}-12-31")) > wanted.settle_days * DAY
            good_for = wanted.recheck_days * DAY if settled else 0.0
            rows[resource] += pages.rows(resource, f"{year}/{number}/", good_for=good_for)
    return Season(year, rows)


def _of_rounds(year: int, wanted: Wanted) -> Iterator[Resource]:
    if wanted.pit_stops and year >= FIRST_STOPS:
        yield PIT_STOPS
    if wanted.laps and year >= FIRST_LAPS:
        yield LAPS
    if wanted.standings:
        yield DRIVER_STANDINGS
    if wanted.standings and year >= FIRST_CONSTRUCTORS:
        yield CONSTRUCTOR_STANDINGS


def _is_over(year: int, now: float) -> bool:
    """Return whether a season and the weeks after it lie behind."""
    return datetime.fromtimestamp(now - 31 * DAY, UTC).year > year


def _day(date: str) -> float:
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return float("inf")  # never settled: it is looked at again
