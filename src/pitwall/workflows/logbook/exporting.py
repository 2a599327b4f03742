"""Write runs as one flat table: CSV, Parquet or JSON, by the ending of the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.domain.files import write_atomically
from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.flat import columns, flat

Row = dict[str, Any]


def export(records: Sequence[RunRecord], path: Path) -> list[str]:
    """Write runs and return the columns; a row has no value where its run has none.

    Args:
        records: the runs.
        path: ends with .csv, .parquet or .json.

    Raises:
        UnknownName: it ends otherwise.
    """
    if path.suffix not in WRITERS:
        raise UnknownName("ending of an exported file", path.suffix, WRITERS)
    rows = [flat(record) for record in records]
    names = columns(rows)
    write_atomically(path, WRITERS[path.suffix](rows, names))
    return names


def _csv(rows: Sequence[Row], names: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: Sequence[Row], names: Sequence[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        name: pa.float64() if name.startswith("metrics.") or name == "duration_s" else pa.string() for name in names
    }
    held = {name: pa.array([row.get(name) for row in rows], kinds[name]) for name in names}
    buffer = io.BytesIO()
    pq.write_table(pa.table(held), buffer)
    return buffer.getvalue()


def _json(rows: Sequence[Row], names: Sequence[str]) -> bytes:
    whole = [{name: row[name] for name in names if name in row} for row in rows]
    return (json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


WRITERS: dict[str, Callable[[Sequence[Row], Sequence[str]], bytes]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
}
