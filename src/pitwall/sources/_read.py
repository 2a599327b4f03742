"""Read raw CSV files into typed columns, and set rows aside that do not read.

Every value starts as text. A row whose value does not parse, whose key repeats or whose id is unknown goes to the
quarantine with the reason and its original text; the rest goes on.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from pitwall.sources._schema import NULL, RAW
from pitwall.sources._snapshots import Snapshot

QUARANTINE_COLUMNS = ("table", "reason", "row", "snapshot")


class Quarantine:
    """Rows set aside from one snapshot: raw table, reason, the row's original text as JSON."""

    def __init__(self, snapshot: str) -> None:
        self._snapshot = snapshot
        self._rows: list[tuple[str, str, str, str]] = []

    def add(self, table: str, reason: str, rows: Iterable[dict[str, object]]) -> None:
        """Set rows aside."""
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, sort_keys=True)
            self._rows.append((table, reason, text, self._snapshot))

    def frame(self) -> pd.DataFrame:
        """Return everything set aside: columns table, reason, row, snapshot."""
        return pd.DataFrame(self._rows, columns=list(QUARANTINE_COLUMNS)).astype("string")


class RawTable:
    """One raw table: `text` as read, `data` as parsed, both indexed by line; bad rows leave both."""

    def __init__(self, name: str, text: pd.DataFrame, quarantine: Quarantine) -> None:
        self.name = name
        self.text = text
        self.data = pd.DataFrame(index=text.index)
        self._quarantine = quarantine

    def reject(self, bad: pd.Series, reason: str) -> None:
        """Move the rows where `bad` is True to the quarantine."""
        if not bad.any():
            return
        rows = self.text[bad].astype(object).where(self.text[bad].notna(), None)
        self._quarantine.add(self.name, reason, rows.to_dict("records"))
        self.text, self.data = self.text[~bad], self.data[~bad]

    def parse(self) -> None:
        """Fill `data` with every column of the schema, rejecting rows that do not read."""
        for column, kind in RAW[self.name].columns.items():
            text = self.text[column] if column in self.text else pd.Series(pd.NA, self.text.index, dtype="string")
            values = _parse(text, kind[0])
            bad = text.notna() & values.isna()
            bad = bad | (values < 0) if kind[0] in "ift" else bad
            if not kind.endswith("?"):
                bad = bad | text.isna()
            self.data[column] = values
            self.reject(bad.fillna(value=True).astype(bool), f"{column}: not {_MEANING[kind[0]]}")
            if kind == "i":
                self.data[column] = self.data[column].astype("int64")

    def require_known(self, column: str, known: pd.Series) -> None:
        """Reject rows whose id is not in another table."""
        self.reject(~self.data[column].isin(known), f"{column}: unknown id")

    def require_unique(self, key: Sequence[str]) -> None:
        """Reject all but the first row of each key."""
        self.reject(self.data.duplicated(list(key)), f"repeated key ({', '.join(key)})")

    def require_range(self, column: str, low: float, high: float) -> None:
        """Reject rows outside [low, high]; null passes."""
        values = self.data[column]
        self.reject(values.notna() & ~values.between(low, high), f"{column}: outside {low:g} to {high:g}")


_MEANING = {
    "i": "a whole number from 0",
    "f": "a number from 0",
    "x": "a number",
    "s": "given",
    "d": "a date",
    "t": "a lap time",
}


def read_raw(snapshot: Snapshot, name: str, quarantine: Quarantine) -> RawTable:
    """Read and parse one raw table; a table that the snapshot does not have is empty."""
    path = snapshot.path(name)
    header, rows = _lines(path) if path else (list(RAW[name].columns), [])
    width = len(header)
    good = [row for row in rows if len(row) == width]
    ragged = [row for row in rows if len(row) != width]
    quarantine.add(name, "wrong number of columns", ({"line": ",".join(row)} for row in ragged))
    text = pd.DataFrame(good, columns=header, dtype="string")
    table = RawTable(name, text.mask(text.isin(NULL)), quarantine)
    table.parse()
    return table


def _lines(path: Path) -> tuple[list[str], list[list[str]]]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return next(reader), [row for row in reader if row]


def _parse(text: pd.Series, kind: str) -> pd.Series:
    """Return the values of a text column, null where it does not read."""
    if kind == "s":
        return text
    if kind == "d":
        return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if kind == "t":
        return lap_seconds(text)
    values = pd.to_numeric(text.astype(object), errors="coerce").astype("float64")
    values = values.where(values.abs() < 2**53)
    return values.where(values % 1 == 0) if kind == "i" else values


def lap_seconds(text: pd.Series) -> pd.Series:
    """Return seconds of `h:mm:ss.mmm`, `m:ss.mmm` or `ss.mmm`; null where it does not read."""
    parts = text.str.extract(r"^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$")
    numbers = parts.apply(pd.to_numeric, errors="coerce").astype("float64")
    seconds = numbers[0].fillna(0) * 3600 + numbers[1].fillna(0) * 60 + numbers[2]
    return seconds.round(3)
