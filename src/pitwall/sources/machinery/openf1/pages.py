"""What is asked of the OpenF1 API for one race, and which fields must be in it.

Written from the documentation of the project, github.com/br-g/openf1, documentation/includes/_api_endpoints.md, as read on 2026-11-30. A query without
rows is taken to answer 404, or with an empty list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.jolpica.fields import CHANGED, need, need_text
from pitwall.sources.machinery.web.client import Client
from pitwall.sources.machinery.web.spool import Spool

Rows = list[Mapping[str, Any]]
NEEDED: dict[str, tuple[str, ...]] = {
    "sessions": ("session_key", "date_start"),
    "drivers": ("driver_number",),
    "laps": ("driver_number", "lap_number"),
    "stints": ("driver_number", "stint_number", "lap_start", "lap_end"),
    "pit": ("driver_number", "lap_number"),
    "position": ("driver_number", "date", "position"),
    "race_control": ("date", "message"),
    "weather": ("date",),
}
MUST_NAME: dict[str, tuple[str, ...]] = {  # fields that may be null and not be absent
    "drivers": ("name_acronym",),
    "laps": ("date_start", "lap_duration"),
    "stints": ("compound", "tyre_age_at_start"),
    "pit": ("date",),
    "race_control": ("flag", "category"),
    "weather": ("air_temperature", "track_temperature"),
}
OF_A_RACE = tuple(name for name in NEEDED if name != "sessions")


@dataclass(frozen=True)
class Asked:
    """All rows of one race's session, by endpoint."""

    session: Mapping[str, Any]
    rows: Mapping[str, Rows]

    def of(self, endpoint: str) -> Rows:
        """Return the rows of an endpoint."""
        return self.rows[endpoint]


class Pages:
    """The API, through kept pages."""

    def __init__(self, client: Client, spool: Spool) -> None:
        self._client, self._spool = client, spool

    def sessions(self, year: int, good_for: float) -> Rows:
        """Return the races of a year."""
        return self._rows("sessions", f"session_name=Race&year={year}", good_for)

    def race(self, session: Mapping[str, Any], good_for: float) -> Asked:
        """Return everything that is read of a race."""
        query = f"session_key={need_text(session, 'session_key', 'sessions')}"
        return Asked(session, {name: self._rows(name, query, good_for) for name in OF_A_RACE})

    def _rows(self, endpoint: str, query: str, good_for: float) -> Rows:
        page = f"{endpoint}?{query}"
        body = self._spool.page(self._client, page, good_for=good_for, may_lack=True)
        try:
            return list(_checked(endpoint, page, [] if body is None else body))
        except SourceError:
            self._spool.forget(page)
            raise


def _checked(endpoint: str, page: str, body: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(body, list):
        raise SourceError(f"{page}: expected a list of rows, found {type(body).__name__}. {CHANGED}")
    for row in body:
        for field in NEEDED[endpoint]:
            need(row, field, page)
        for field in MUST_NAME.get(endpoint, ()):
            need({**row, field: "null"} if field in row else row, field, page)
        yield row


def instant(text: Any) -> datetime | None:
    """Return the instant that a text of the API names, in UTC; None for none.

    Raises:
        SourceError: it names none.
    """
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        raise SourceError(f"{text!r} is no instant; expected ISO 8601. {CHANGED}") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
