"""Read raw files into typed columns, and set rows aside that do not read.

Every value of a CSV file starts as text, one of a parquet file as what it is. A row whose value does not parse, whose key repeats or whose id is unknown goes to the
quarantine with the reason and its original text; the rest goes on.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import pandas as pd
from pandas.api.types import is_numeric_dtype

from pitwall.domain.errors import SourceError
from pitwall.domain.when import as_utc
from pitwall.sources._schema import FORMATS, NULL, RawFile
from pitwall.sources._snapshots import Snapshot

QUARANTINE_COLUMNS = ("table", "reason", "row", "snapshot")
FLAGS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
FLOAT32_DECIMALS = 3


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

    def __init__(self, file: RawFile, text: pd.DataFrame, quarantine: Quarantine) -> None:
        self.name = file.name
        self.file = file
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
        for column, kind in self.file.columns.items():
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
    "b": "True or False",
    "d": "a date",
    "t": "a lap time",
    "u": "an instant like 2024-07-28T18:30:00Z",
}


def read_raw(snapshot: Snapshot, name: str, quarantine: Quarantine) -> RawTable:
    """Read and parse one raw table; a table that the snapshot does not have is empty."""
    file, paths = FORMATS[snapshot.role].files[name], snapshot.paths(name)
    if not paths:
        values = pd.DataFrame(columns=list(file.columns), dtype="string")
    elif paths[0].suffix == ".parquet":
        values = _values(paths, file)
    else:
        values = pd.concat([_texts(path, name, quarantine) for path in paths], ignore_index=True)
    table = RawTable(file, values, quarantine)
    table.parse()
    return table


def _values(paths: Sequence[Path], file: RawFile) -> pd.DataFrame:
    """Return the columns of the schema from parquet files, which may differ in columns and in how wide numbers are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        known = [[name for name in pq.read_schema(path).names if name in file.columns] for path in paths]
        parts = [pq.read_table(path, columns=names) for path, names in zip(paths, known, strict=True)]
        joined = pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        names = ", ".join(path.name for path in paths)
        raise SourceError(
            f"the types of {names} do not go together: {error}. Write them with the same types."
        ) from error
    return cast("pd.DataFrame", joined.replace_schema_metadata().to_pandas())


def _texts(path: Path, name: str, quarantine: Quarantine) -> pd.DataFrame:
    """Return the rows of a CSV file as text; lines of another width are set aside."""
    header, rows = _lines(path)
    width = len(header)
    good = [row for row in rows if len(row) == width]
    ragged = [row for row in rows if len(row) != width]
    quarantine.add(name, "wrong number of columns", ({"line": ",".join(row)} for row in ragged))
    text = pd.DataFrame(good, columns=header, dtype="string")
    return text.mask(text.isin(NULL))


def _lines(path: Path) -> tuple[list[str], list[list[str]]]:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return next(reader), [row for row in reader if row]


def _parse(text: pd.Series, kind: str) -> pd.Series:
    """Return the values of a column, null where it does not read."""
    if kind == "s":
        return text.astype("string")
    if kind == "b":
        return text.astype("string").str.lower().map(FLAGS).astype("boolean")
    if kind == "d":
        return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if kind == "t":
        return lap_seconds(text)
    if kind == "u":
        return as_utc(pd.to_datetime(text, format="%Y-%m-%dT%H:%M:%SZ", errors="coerce", utc=True))
    values = _numbers(text).astype("float64")
    values = values.where(values.abs() < 2**53)
    return values.where(values % 1 == 0) if kind == "i" else values


def _numbers(text: pd.Series) -> pd.Series:
    if text.dtype == "float32":  # as many decimals as it holds: 36.7, not 36.70000076
        return text.astype("float64").round(FLOAT32_DECIMALS)
    return text if is_numeric_dtype(text) else pd.to_numeric(text.astype(object), errors="coerce")


def lap_seconds(text: pd.Series) -> pd.Series:
    """Return seconds of `h:mm:ss.mmm`, `m:ss.mmm` or `ss.mmm`; null where it does not read."""
    parts = text.str.extract(r"^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$")
    numbers = parts.apply(pd.to_numeric, errors="coerce").astype("float64")
    seconds = numbers[0].fillna(0) * 3600 + numbers[1].fillna(0) * 60 + numbers[2]
    return seconds.round(3)
