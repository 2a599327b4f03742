"""Read a resource of the API page by page until all of its rows are there, and join what a page break has cut.

Written from the documentation of the project, github.com/jolpica/jolpica-f1, folder docs (README.md, rate_limits.md, ergast_differences.md and
endpoints/*.md), as read on 2026-11-30. Every page says how many rows the resource has; that many must have come, and each once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.jolpica.fields import need, need_list, need_text, need_whole
from pitwall.sources.machinery.web.client import Client
from pitwall.sources.machinery.web.spool import Spool

PAGE = 100  # rows; the documented most


@dataclass(frozen=True)
class Resource:
    """What a resource is called and where its rows lie: `table` of MRData, `group` of it, `rows` of each group, `cells` of each row.

    A resource whose rows are the groups themselves has no `rows`; one of laps has rows of rows. `told` are the fields of a group and `needed` those
    of a row that must be there, objects in objects with a point in between.
    """

    path: str
    table: str
    group: str
    rows: str | None = None
    cells: str | None = None
    told: tuple[str, ...] = ("season", "round", "raceName")
    needed: tuple[str, ...] = ()


_DRIVER = ("Driver.driverId", "Driver.familyName")
_TEAM = ("Constructor.constructorId", "Constructor.name")
_RESULT = ("position", "positionText", "points", *_DRIVER, *_TEAM)
_CALENDAR = ("season", "round", "raceName", "date", "Circuit.circuitId", "Circuit.circuitName")
_LIST = ("season", "round")

RACES = Resource("races", "RaceTable", "Races", needed=_CALENDAR)
RESULTS = Resource("results", "RaceTable", "Races", "Results", needed=_RESULT)
QUALIFYING = Resource("qualifying", "RaceTable", "Races", "QualifyingResults", needed=(*_DRIVER, *_TEAM))
SPRINT = Resource("sprint", "RaceTable", "Races", "SprintResults", needed=_RESULT)
PIT_STOPS = Resource("pitstops", "RaceTable", "Races", "PitStops", needed=("driverId", "stop", "lap"))
LAPS = Resource("laps", "RaceTable", "Races", "Laps", "Timings", needed=("driverId",))
DRIVER_STANDINGS = Resource(
    "driverstandings",
    "StandingsTable",
    "StandingsLists",
    "DriverStandings",
    told=_LIST,
    needed=("points", "wins", *_DRIVER),
)
CONSTRUCTOR_STANDINGS = Resource(
    *("constructorstandings", "StandingsTable", "StandingsLists", "ConstructorStandings"),
    told=_LIST,
    needed=("points", "wins", *_TEAM),
)
STATUS = Resource("status", "StatusTable", "Status", needed=("statusId", "status"))

Row = tuple[Mapping[str, Any], Any]
"""The race, list of standings or lap that a row belongs to, and the row."""


class Pages:
    """The API, through kept pages."""

    def __init__(self, client: Client, spool: Spool) -> None:
        self._client, self._spool = client, spool

    def rows(self, resource: Resource, where: str = "", *, good_for: float = 0.0) -> list[Row]:
        """Return all rows of a resource.

        Args:
            resource: which.
            where: the season or round, `2023/` or `2023/12/`.
            good_for: seconds for which kept pages are taken as they are.

        Raises:
            SourceError: a page is not what the documentation says, or rows are missing or twice there.
        """
        found, total, offset = list[Row](), 1, 0
        while offset < total:
            page = f"{where}{resource.path}.json?limit={PAGE}&offset={offset}"
            try:
                total, rows = self._page(page, resource, good_for)
            except SourceError:
                self._spool.forget(page)  # so that a later try asks again
                raise
            if not rows and offset < total:
                self._refuse(page, resource, where, f"holds none of the rows from {offset} on, of {total}")
            found += rows
            offset += PAGE
        if len(found) != total:
            self._refuse(page, resource, where, f"is the last of {total} rows, and {len(found)} came")
        return found

    def _page(self, page: str, resource: Resource, good_for: float) -> tuple[int, list[Row]]:
        body = need(self._spool.page(self._client, page, good_for=good_for), "MRData", page)
        groups = need_list(need(body, resource.table, page), resource.group, page)
        total, rows = need_whole(body, "total", page), list(_rows(groups, resource, page))
        for group, row in rows:
            _check(group, resource.told if group else (), page)
            _check(row, resource.needed, page)
        return total, rows

    def _refuse(self, page: str, resource: Resource, where: str, why: str) -> None:
        """Drop the pages of a resource that do not go together and say so."""
        for offset in range(0, 100 * PAGE, PAGE):
            self._spool.forget(f"{where}{resource.path}.json?limit={PAGE}&offset={offset}")
        raise SourceError(
            f"{page} {why}: the server cut it short, or its data changed between two pages. Run the same command again; these "
            "pages are asked for anew."
        )


def _rows(groups: list[Any], resource: Resource, page: str) -> Iterator[Row]:
    for group in groups:
        if resource.rows is None:
            yield {}, group
            continue
        for row in need_list(group, resource.rows, page):
            if resource.cells is None:
                yield group, row
                continue
            for cell in need_list(row, resource.cells, page):
                yield {**group, "number": need_text(row, "number", page)}, cell


def _check(holder: Any, fields: tuple[str, ...], page: str) -> None:
    """Refuse an object that lacks a field: a page that is not understood must not be kept."""
    for field in fields:
        inside = holder
        *objects, name = field.split(".")
        for each in objects:
            inside = need(inside, each, page)
        need_text(inside, name, page)
