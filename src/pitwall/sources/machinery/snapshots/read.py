"""Read raw files into typed columns, and set rows aside that are of no use.

Every value of a CSV file starts as text, one of a parquet file as what it is. An optional value that does not read, or cannot be, becomes
null and is counted. A row whose needed value does not read, whose key repeats or whose id is unknown goes to the quarantine with the
reason and its original text; the rest goes on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.columns import MEANING, Place, refuse_empty, shown
from pitwall.sources.machinery.reading.csv import lines
from pitwall.sources.machinery.reading.format import RawFile
from pitwall.sources.machinery.reading.instants import FEW
from pitwall.sources.machinery.reading.parse import read_column
from pitwall.sources.machinery.reading.schema import FORMATS, NULL
from pitwall.sources.machinery.snapshots.store import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

QUARANTINE_COLUMNS = ("table", "reason", "row", "snapshot")
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


class Quarantine:
    """Rows set aside from one snapshot: raw table, reason, the row's original text as JSON; and `assumed`, counts of optional values
    that were not given or not usable, by what they were read as."""

    def __init__(self, snapshot: str) -> None:
        self._snapshot = snapshot
        self._rows: list[tuple[str, str, str, str]] = []
        self.assumed: dict[str, int] = {}

    def add(self, table: str, reason: str, rows: Iterable[dict[str, object]]) -> None:
        """Set rows aside."""
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, sort_keys=True)
            self._rows.append((table, reason, text, self._snapshot))

    def assume(self, what: str, count: int) -> None:
        """Count values that were read as something else than they say."""
        if count:
            self.assumed[what] = self.assumed.get(what, 0) + count

    def frame(self) -> pd.DataFrame:
        """Return everything set aside: columns table, reason, row, snapshot."""
        return pd.DataFrame(self._rows, columns=list(QUARANTINE_COLUMNS)).astype("string")


class RawTable:
    """One raw table: `text` as read, `data` as parsed, both indexed by line; bad rows leave both."""

    def __init__(self, file: RawFile, text: pd.DataFrame, quarantine: Quarantine, called: str | None = None) -> None:
        self.name = file.name
        self.file = file
        self.text = text
        self.data = pd.DataFrame(index=text.index)
        self._called = called or file.name
        self._quarantine = quarantine

    def reject(self, bad: pd.Series, reason: str) -> None:
        """Move the rows where `bad` is True to the quarantine."""
        if not bad.any():
            return
        rows = self.text[bad].astype(object).where(self.text[bad].notna(), None)
        self._quarantine.add(self.name, reason, rows.to_dict("records"))
        self.text, self.data = self.text[~bad], self.data[~bad]

    def blank(self, column: str, bad: pd.Series, why: str) -> None:
        """Read the values of an optional column as null where `bad` is True, and count them."""
        if bad.any():
            self.data[column] = self.data[column].mask(bad)
            self._quarantine.assume(f"{self.name}: {column} {why}, read as null", int(bad.sum()))

    def parsed(self) -> RawTable:
        """Return itself with every column of the schema in `data`: null where an optional value does not read, else without the row."""
        for column, kind in self.file.columns.items():
            text = self.text[column] if column in self.text else pd.Series(pd.NA, self.text.index, dtype="string")
            read = read_column(text, Place(self._called, column, kind))
            self.data[column] = read.known
            meaning = MEANING[kind[0]]
            if kind.endswith("?"):
                self.blank(column, read.unread, f"not {meaning}")
            else:
                self._require(column, text, read.unread, meaning)
            if kind == "i":
                self.data[column] = self.data[column].astype("int64")
            if column in self.file.ranges:
                self.require_range(column, *self.file.ranges[column])
        return self

    def _require(self, column: str, text: pd.Series, unread: pd.Series, meaning: str) -> None:
        """Reject the rows that lack a needed value; a null that a program spelled out is named."""
        missing = self.data[column].isna() & ~unread
        refuse_empty(Place(self._called, column, self.file.columns[column]), len(missing), int(missing.sum()))
        forms = text.astype("string").str.strip().where(missing).fillna("")
        for form in sorted(forms.unique()):
            lacks = (forms.reindex(self.data.index) == form) & self.data[column].isna()
            self.reject(lacks, f"{column}: not {meaning}" + (f" (found {form})" if form else ""))

    def require_known(self, column: str, known: pd.Series) -> None:
        """Reject rows whose id is not in another table."""
        self.reject(~self.data[column].isin(known), f"{column}: unknown id")

    def require_unique(self, key: Sequence[str]) -> None:
        """Reject all but the first row of each key."""
        self.reject(self.data.duplicated(list(key)), f"repeated key ({', '.join(key)})")

    def require_range(self, column: str, low: float, high: float) -> None:
        """Read optional values outside [low, high] as null, reject rows whose needed value is; null passes.

        Raises:
            SourceError: every value is outside, as in another unit.
        """
        values = self.data[column]
        outside = values.notna() & ~values.between(low, high)
        if outside.sum() >= FEW and outside.sum() == values.notna().sum():
            raise SourceError(
                f"{self._called}: every value of the column {column!r} is outside {low:g} to {high:g} (found "
                f"{shown(self.text.loc[outside, column])} in {int(outside.sum()):,} lines). Is it in another unit? Convert the column."
            )
        if self.file.nullable(column):
            self.blank(column, outside, f"outside {low:g} to {high:g}")
        else:
            self.reject(outside, f"{column}: outside {low:g} to {high:g}")


def read_raw(snapshot: Snapshot, name: str, quarantine: Quarantine) -> RawTable:
    """Read and parse one raw table; a table that the snapshot does not have is empty.

    Raises:
        SourceError: a column is in a form that does not read; names it.
    """
    file, paths = FORMATS[snapshot.role].files[name], snapshot.paths(name)
    if not paths:
        return RawTable(file, pd.DataFrame(columns=list(file.columns), dtype="string"), quarantine).parsed()
    if paths[0].suffix == ".parquet":
        values = _values(paths, file)
    else:
        values = pd.concat([_texts(path, file, quarantine) for path in paths], ignore_index=True)
    called = paths[0].name if len(paths) == 1 else f"{paths[0].name} to {paths[-1].name}"
    _count_absent(file, values, quarantine)
    return RawTable(file, values, quarantine, called).parsed()


def _count_absent(file: RawFile, values: pd.DataFrame, quarantine: Quarantine) -> None:
    """Count the rows that lack a column which may be absent; name one whose name is near."""
    for column in file.extra:
        if column not in values:
            near = file.near(column, list(values))
            hint = f" (is it {near!r}?)" if near else ""
            quarantine.assume(f"{file.name}: no column {column}{hint}, read as null", len(values))


def _values(paths: Sequence[Path], file: RawFile) -> pd.DataFrame:
    """Return the columns of the schema from parquet files, which may differ in columns and in how wide numbers are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parts = []
        for path in paths:
            known = file.known(pq.read_schema(path).names)
            part = pq.read_table(path, columns=list(known.values())).select(list(known.values()))
            parts.append(_in_seconds(part.rename_columns(list(known))))
        joined = pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowException as error:
        names = ", ".join(path.name for path in paths)
        raise SourceError(
            f"the types of {names} do not go together: {error}. Write them with the same types."
        ) from error
    return cast("pd.DataFrame", joined.replace_schema_metadata().to_pandas())


def _in_seconds(part: pa.Table) -> pa.Table:
    """Return a table whose durations are seconds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(part.schema):
        if pa.types.is_duration(field.type):
            counted = pc.cast(pc.cast(part.column(place), pa.int64()), pa.float64())
            seconds = pc.round(pc.divide(counted, PER_SECOND[field.type.unit]), 3)
            part = part.set_column(place, field.name, seconds)
    return part


def _texts(path: Path, file: RawFile, quarantine: Quarantine) -> pd.DataFrame:
    """Return the rows of a CSV file as text, known columns under their own names; lines of another width are set aside."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    header, rows = lines(content.decode("utf-8-sig"))
    names = {name: column for column, name in file.known(header).items()}
    good: list[list[str]] = []
    ragged: list[list[str]] = []
    for row in rows:
        (good if len(row) == len(header) else ragged).append(row)
    quarantine.add(file.name, "wrong number of columns", ({"line": ",".join(row)} for row in ragged))
    text = pd.DataFrame(good, columns=[names.get(name, name) for name in header], dtype="string")
    text = text.loc[:, ~text.columns.duplicated()]
    return text.mask(text.isin(NULL))
