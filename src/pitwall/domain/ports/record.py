"""Where forecasts are entered before their sessions start, and scored when the result is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pitwall.domain.records.chain import Break


class Record(Protocol):
    """The track record: append-only, each row chained to the one before by its hash."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows, oldest first."""

    def lines(self) -> list[str]:
        """Return the whole lines, as they are."""

    def add(self, rows: Iterable[Mapping[str, Any]], now: datetime | None = None) -> list[dict[str, Any]]:
        """Write rows that are not there yet and return them; they are on disk when this returns."""

    def verify(self, against: str = "", noted: datetime | None = None) -> list[Break]:
        """Return what was changed since it was written; empty when all is as it was."""
