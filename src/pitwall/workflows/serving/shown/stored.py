"""Forecasts that were stored, each with what its row of the track record says: whether it was in time, and what it was worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.records.track_record import FORECAST
from pitwall.ml.forecasting.record.summary import Line, lines


@dataclass(frozen=True)
class Stored:
    """A stored forecast's answer to one question: its line of the record, and its file; empty where it has none."""

    line: Line
    file: str


def stored(rows: Iterable[Mapping[str, Any]], season: int | None = None) -> list[Stored]:
    """Return a line for each forecast and question, the newest first.

    Args:
        rows: of the record.
        season: only its races; all when None.
    """
    every = list(rows)
    files = {row["seq"]: str(row["file"]) for row in every if row["kind"] == FORECAST}
    return [Stored(line, files.get(line.row, "")) for line in reversed(lines(every, season))]
