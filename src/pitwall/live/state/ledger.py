"""What has been told of a race so far: for each column of each row the word of the highest place in the source's order.

Columns are kept apart, so that a lap may be told by ten events, each once or five times, in any order, and come out the same. A change
says from which instant on answers may be others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pitwall.live.events import TABLES, WITHDRAWN, Event

Key = tuple[int, ...]
CLOCK = {"laps": "end_seconds"}  # the column that says when a row happened; `seconds` of the others


@dataclass
class Row:
    """One row as told so far: `said` by column, and which place in the source's order each has."""

    said: dict[str, Any] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)

    def instant(self, table: str) -> float:
        """Return when it happened (s of the race clock); infinite for a lap that has not ended, or was withdrawn."""
        at = self.said.get(CLOCK.get(table, "seconds"))
        return math.inf if at is None or self.said.get(WITHDRAWN) else float(at)


class Ledger:
    """All rows of one race."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, Row]] = {name: {} for name in TABLES}
        self.crossings: dict[int, dict[int, float]] = {}  # lap -> driver -> when it was completed
        self.sectors: dict[tuple[int, int], dict[int, float]] = {}  # lap, sector -> driver -> when it ended
        self.led: dict[int, float] = {}  # lap -> when its first car completed it
        self.changed: dict[str, set[Key]] = {name: set() for name in TABLES}

    def apply(self, event: Event) -> float | None:
        """Write down an event, and return from when on answers may be others; None where it is no news."""
        about = event.about
        key = tuple(int(event.key[name]) for name in about.key)
        row = self.rows[about.table].setdefault(key, Row())
        news = {
            name: value
            for name, value in event.values.items()
            if event.sequence > row.told.get(name, -1) or name not in row.told
        }
        row.told.update(dict.fromkeys(news, event.sequence))
        news = {name: value for name, value in news.items() if name not in row.said or row.said[name] != value}
        if not news:
            return None
        before = row.instant(about.table)
        row.said.update(news)
        after = row.instant(about.table)
        self.changed[about.table].add(key)
        if about.table == "laps":
            self._note(key, row, after, event)
        return min(before, after)

    def _note(self, key: Key, row: Row, ended: float, event: Event) -> None:
        """Keep when each car completed each lap, and each sector."""
        driver, lap = key
        crossed = self.crossings.setdefault(lap, {})
        if ended < math.inf and row.said.get("completed", True):
            crossed[driver] = ended
        else:
            crossed.pop(driver, None)
        self.led[lap] = min(crossed.values(), default=math.inf)
        if event.kind == "sector":
            for name in event.values:
                self.sectors.setdefault((lap, int(name[-1])), {}).setdefault(driver, event.at_s)

    def known(self, table: str, until: float) -> Iterator[tuple[Key, Row]]:
        """Yield the rows of a table that had happened at an instant (s of the race clock), in no order."""
        for key, row in self.rows[table].items():
            if row.instant(table) <= until:
                yield key, row
