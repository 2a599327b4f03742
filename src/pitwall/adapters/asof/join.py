"""The point-in-time join on two axes, made one-dimensional so that one ASOF JOIN answers it exactly.

Both cuts compare with the same spine instant t, so a row comes into sight at one instant (`visible`), and for each key the
answer is a step function of t: it changes only where a row comes into sight that is newer, by (event, created, position),
than all that were in sight before. Keep those rows, one per instant, and the newest of them at t is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .errors import AsofError


@contextmanager
def connection(memory_limit: str, threads: int | None, folder: Path | None) -> Iterator[Any]:
    """Open DuckDB in memory, limited, with a spill folder of its own that goes with it."""
    import duckdb

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="asof-", dir=folder) as spill:
        settings: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": spill}
        if threads is not None:
            settings["threads"] = threads
        with duckdb.connect(":memory:", config=settings) as opened:
            opened.execute("SET TimeZone = 'UTC'")
            yield opened


def positions(con: Any, spine: pa.Table, timeline: pa.Table, ttl_us: int) -> pa.Array:
    """Return for each spine row, in order, the position of the feature row that answers it, or null.

    Args:
        con: a DuckDB connection.
        spine: `k0`... (keys) and `t` (UTC microseconds).
        timeline: a `Source.timeline` with the same keys.
        ttl_us: an answer whose event is older than this at t is null; 0 = no expiry.
    """
    keys = [name for name in spine.column_names if name != "t"]
    con.register("steps", steps(con, timeline, keys))
    con.register("spine", spine.append_column("row", pa.array(np.arange(len(spine)))))
    match = " AND ".join([f"spine.{key} = steps.{key}" for key in keys] + ["spine.t >= steps.visible"])
    query = f"SELECT row, position, event FROM spine ASOF LEFT JOIN steps ON {match} ORDER BY row"  # noqa: S608  # our names
    found = con.sql(query).to_arrow_table()
    con.unregister("steps")
    con.unregister("spine")
    if not np.array_equal(found["row"].to_numpy(), np.arange(len(spine))):
        raise AsofError(f"the join was given {len(spine)} rows and returned {len(found)} others; please report this.")
    answer = found["position"].combine_chunks()
    if not ttl_us:
        return answer
    fresh = pc.greater_equal(pc.add(found["event"], ttl_us), spine["t"]).combine_chunks()
    return pc.if_else(fresh, answer, pa.scalar(None, pa.int64()))


def steps(con: Any, timeline: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return the rows at which the answer of a key changes, by key and time: the steps of the step function.

    A row is one if it comes into sight before every newer row of its key does; a file that is kept in order costs no sort.
    The running minimum is taken in pandas: with DuckDB's window function for it this step takes several times as long.
    """
    rows = _by_newness(con, _present(timeline, [*keys, "visible"]), keys)
    visible = rows["visible"].to_numpy()
    number = np.cumsum(_changes(rows, keys))
    soonest = pd.Series(visible[::-1]).groupby(number[::-1]).cummin().to_numpy()[::-1]
    newest = np.append(number[1:] != number[:-1], True)[: len(rows)]
    is_step = newest | (visible < np.append(soonest[1:], 0)[: len(rows)])
    return rows.select([*keys, "visible", "event", "position"]).filter(pa.array(is_step))


def _present(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the rows in which none of the columns is null."""
    for name in names:
        rows = rows.filter(pc.is_valid(rows[name])) if rows[name].null_count else rows
    return rows


def _by_newness(con: Any, timeline: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return rows by key, the newest last: by event, then created (null counts as first), then position."""
    if _ascend(timeline, [*keys, "event", "created"]):
        return timeline  # positions ascend anyhow
    con.register("timeline", timeline)
    order = ", ".join([*keys, "event", "created NULLS FIRST", "position"])
    rows = con.sql(f"SELECT * FROM timeline ORDER BY {order}").to_arrow_table()  # noqa: S608  # names are ours
    con.unregister("timeline")
    return rows


def _ascend(rows: pa.Table, names: Sequence[str]) -> bool:
    """Return whether rows are in order: a comparison of neighbours, much cheaper than a sort. Nulls are not compared."""
    undecided = np.ones(max(len(rows) - 1, 0), dtype=bool)
    for name in names:
        column = rows[name]
        if column.null_count:
            return False
        this, following = column.slice(0, len(undecided)), column.slice(1)
        if (undecided & pc.less(following, this).to_numpy()).any():
            return False
        undecided &= pc.equal(following, this).to_numpy()
    return True


def latest(con: Any, timeline: pa.Table, keys: Sequence[str], start_us: int, end_us: int) -> pa.Array:
    """Return the positions of the rows that answer at `end_us` and came into sight at `start_us` or later."""
    con.register("timeline", timeline)
    by = f"PARTITION BY {', '.join(keys)}" if keys else ""
    query = f"""
        SELECT position FROM (
            SELECT position, visible FROM timeline WHERE visible <= {end_us}
            QUALIFY row_number() OVER ({by} ORDER BY event DESC, created DESC NULLS LAST, position DESC) = 1
        ) WHERE visible >= {start_us} ORDER BY position
    """  # noqa: S608  # names and numbers are ours
    found = con.sql(query).to_arrow_table()
    con.unregister("timeline")
    return found["position"].combine_chunks()


def _changes(rows: pa.Table, names: Sequence[str]) -> np.ndarray:
    """Return which rows differ from the one before in any of the columns; the first row does."""
    changed = np.zeros(len(rows), dtype=bool)
    changed[:1] = True
    for name in names:
        column = rows[name]
        changed[1:] |= pc.not_equal(column.slice(1), column.slice(0, max(len(rows) - 1, 0))).to_numpy()
    return changed
