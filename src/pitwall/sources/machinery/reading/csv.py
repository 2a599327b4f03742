"""The lines of a CSV file as programs write them: a byte order mark, blank lines, blank cells at the end; standard library only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator


def lines(content: str) -> tuple[list[str], Iterator[list[str]]]:
    """Return the header and the lines of a CSV text.

    Lines without any content are left out, also before the header. A line may be longer than the header by blank cells, which are dropped, or shorter by
    cells without a name in the header, which are blank.
    """
    reader = csv.reader(io.StringIO(content, newline=""))
    header = next((row for row in reader if any(cell.strip() for cell in row)), [])
    return header, (_fitted(row, header) for row in reader if any(cell.strip() for cell in row))


def _fitted(row: list[str], header: list[str]) -> list[str]:
    width = len(header)
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        return row[:width]
    if len(row) < width and not any(name.strip() for name in header[len(row) :]):
        return row + [""] * (width - len(row))
    return row
