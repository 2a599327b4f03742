"""The rows to be answered: a DataFrame or a query, read once, kept exactly as given beside the narrow side of the join."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .errors import AsofError
from .instants import micros
from .source import plain

INSTANT = "event_timestamp"


@dataclass(frozen=True)
class Spine:
    """The given rows and their instants in microseconds."""

    rows: pa.Table
    instant: str
    t: pa.ChunkedArray

    def narrow(self, keys: list[str], like: pa.Table, view: str) -> pa.Table:
        """Return `k0`... and `t` for a join with `like`, whose keys they must be comparable with."""
        missing = [key for key in keys if key not in self.rows.column_names]
        if missing:
            raise AsofError(f"the entity rows lack {missing}, which {view} needs; they have {self.rows.column_names}.")
        narrow = {f"k{i}": plain(self.rows[key]) for i, key in enumerate(keys)}
        for key, (name, column) in zip(keys, narrow.items(), strict=True):
            ours, theirs = column.type, like[name].type
            if _kind(ours) != _kind(theirs) and not pa.types.is_null(ours):
                raise AsofError(f"the key {key} is {ours} in the entity rows and {theirs} in {view}; make them alike.")
        return pa.table({**narrow, "t": self.t})


def read_spine(entities: pd.DataFrame | str | None, connect: Callable[[], AbstractContextManager[Any]]) -> Spine:
    """Read the entity rows: a DataFrame, or a DuckDB query such as `SELECT * FROM 'spine.parquet'`, in its order.

    Args:
        entities: the rows.
        connect: opens DuckDB, for a query.

    Raises:
        AsofError: there are no rows given, or no instant can be told among the columns.
    """
    if isinstance(entities, str):
        with connect() as con:
            rows = con.sql(entities).to_arrow_table()
    elif isinstance(entities, pd.DataFrame):
        rows = _from_frame(entities)
    else:
        raise AsofError(
            "entity_df is missing; this store answers given rows only, not a range of time between start_date and end_date. "
            "Pass a DataFrame or a query with the keys and event_timestamp."
        )
    instant = _instant(rows)
    return Spine(rows, instant, micros(rows[instant], f"{instant} of the entity rows", up=False))


def bounds(spine: Spine) -> tuple[Any, Any]:
    """Return the first and last instant of the spine as pandas timestamps; None without rows."""
    ends = pc.min_max(spine.t).as_py()
    first, last = (None if end is None else pd.Timestamp(end, unit="us", tz="UTC") for end in ends.values())
    return first, last


def _from_frame(frame: pd.DataFrame) -> pa.Table:
    if not frame.columns.is_unique:
        raise AsofError(f"the entity rows name a column twice: {list(frame.columns)}.")
    if INSTANT in frame and frame[INSTANT].dtype == object:
        frame = frame.assign(**{INSTANT: pd.to_datetime(frame[INSTANT], utc=True)})
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowInvalid as error:
        raise AsofError(f"the entity rows cannot be read as a table: {error}") from error


def _instant(rows: pa.Table) -> str:
    """Return the column that holds the instants: `event_timestamp`, else the only column of timestamps."""
    if INSTANT in rows.column_names:
        return INSTANT
    stamps = [field.name for field in rows.schema if pa.types.is_timestamp(field.type)]
    if len(stamps) != 1:
        raise AsofError(f"which column holds the instants? Call it {INSTANT}; the timestamps are {stamps}.")
    return str(stamps[0])


def _kind(kind: pa.DataType) -> str:
    """Return the family of a type within which keys can be compared."""
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return str(kind)
