"""Canonical tables a page at a time, with what each column is; and the lines of sources that were set aside, with the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitwall.domain.errors import TableError
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.domain.tables.specs import SPECS, STAMPS, TableSpec
from pitwall.report.content.blocks import Table
from pitwall.report.content.intervals import number

EACH = 50  # lines on a page
KINDS = {"int64": "whole number", "float64": "number", "string": "text", "bool": "yes or no", "boolean": "yes or no"}
ENDINGS = {"_s": "seconds", "_pct": "percent", "_km": "km", "_kmh": "km/h", "_at": "instant, UTC"}
UNITS = {
    "lat": "degrees",
    "lng": "degrees",
    "alt": "metres",
    "air_temp": "degrees Celsius",
    "track_temp": "degrees Celsius",
    "humidity": "percent",
    "pressure": "mbar",
    "wind_direction": "degrees",
    "wind_speed": "m/s",
}
SET_ASIDE = ("table", "reason", "line")


@dataclass(frozen=True)
class Preview:
    """A part of a table.

    Attributes:
        spec: what the table is.
        columns: each with its type, its unit where its name or the table says it, whether it is part of the key, and whether it may be missing.
        lines: of this page.
        total: lines of the whole table.
    """

    spec: TableSpec
    columns: Table
    lines: Table
    total: int


def preview(project: Project, name: str, at: int = 1) -> Preview:
    """Return the `at`-th page of a table.

    Raises:
        UnknownName: there is no such table.
        TableError: it was not made yet.
    """
    import pyarrow.parquet as pq

    spec: TableSpec = pick("table", name, SPECS)
    path = project.tables / f"{spec.name}.parquet"
    if not path.is_file():
        raise TableError(f"the table {spec.name} is missing at {path}; make it with `dvc repro tables`.")
    total = int(pq.read_metadata(path).num_rows)
    part = pq.read_table(path).slice(EACH * (max(at, 1) - 1), EACH).to_pylist()
    names = spec.all_columns
    lines = Table(tuple(names), tuple(tuple(_text(row[each]) for each in names) for row in part), _numbers(spec))
    return Preview(spec, _columns(spec), lines, total)


def set_aside(project: Project, reason: str = "", at: int = 1) -> tuple[Table, int]:
    """Return the `at`-th page of the lines that were set aside, of one reason (`table: reason`) or of all, and how many there are."""
    import pandas as pd

    path = project.tables / "quarantine.parquet"
    if not path.is_file():
        return Table(SET_ASIDE, ()), 0
    kept = pd.read_parquet(path)
    found = kept[(kept["table"] + ": " + kept["reason"]) == reason] if reason else kept
    part = found.iloc[EACH * (max(at, 1) - 1) :][:EACH]
    rows = tuple(
        (str(table), str(why), json.dumps(json.loads(row), ensure_ascii=False))
        for table, why, row in part[["table", "reason", "row"]].itertuples(index=False)
    )
    return Table(SET_ASIDE, rows), len(found)


def unit(column: str, kind: str) -> str:
    """Return the unit of a column as its name or its type tells it; empty where it has none.

    Example:
        >>> unit("gap_s", "float64"), unit("lat", "float64"), unit("known_at", "datetime64[us, UTC]"), unit("place", "float64")
        ('seconds', 'degrees', 'instant, UTC', '')
    """
    if kind.startswith("datetime"):
        return "instant, UTC"
    return UNITS.get(column) or next((told for end, told in ENDINGS.items() if column.endswith(end)), "")


def _columns(spec: TableSpec) -> Table:
    kinds = {**spec.columns, **STAMPS}
    rows = tuple(
        (
            name,
            KINDS.get(str(kind), "instant"),
            unit(name, str(kind)),
            "key" if name in spec.key else "",
            "yes" if name in spec.nullable else "",
        )
        for name, kind in kinds.items()
    )
    return Table(("column", "holds", "unit", "", "may be missing"), rows)


def _numbers(spec: TableSpec) -> tuple[str, ...]:
    return tuple(name for name, kind in spec.columns.items() if str(kind) in {"int64", "float64"})


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  (nan alone differs from itself)
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if value == round(value) else number(value) if abs(value) >= 1000 else f"{value:.6g}"
    return str(value)
