"""Instants as UTC microseconds, the one scale on which the join compares.

Time zones are converted, naive instants are UTC, and what is finer than a microsecond is rounded to the side that hides: a
feature row a little later, a spine instant a little earlier. Rounding can never show a row too early.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from .errors import AsofError

NS = 1000


def micros(column: pa.ChunkedArray, what: str, *, up: bool) -> pa.ChunkedArray:
    """Return instants as int64 microseconds since 1970; null stays null.

    Args:
        column: timestamps of any unit with or without a time zone, or dates.
        what: names the column in an error.
        up: round nanoseconds up (feature rows), else down (spine rows).

    Raises:
        AsofError: the column holds no instants.
    """
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(column.type):
        raise AsofError(f"{what} is {column.type}; expected timestamps or dates.")
    if column.type.unit != "ns":
        return column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
    exact = column.cast(pa.int64())
    whole = pc.divide(exact, NS)  # towards 1970
    rest = pc.subtract(exact, pc.multiply(whole, NS))
    if up:
        return pc.add(whole, pc.greater(rest, 0).cast(pa.int64()))
    return pc.subtract(whole, pc.less(rest, 0).cast(pa.int64()))


def micros_of(instant: datetime) -> int:
    """Return an instant as microseconds since 1970; naive is UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
