"""The parquet files behind a feature view, read through one reader in one fixed order.

A row is known by its position in that order: the join works on the narrow columns (keys and instants) and answers with
positions, and features are fetched by position, one column at a time. So no wide row is ever sorted, and types stay as
they are in the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .errors import AsofError
from .instants import micros

STRICT_SHIFT = 1  # microseconds: seen from the next instant on


@dataclass(frozen=True)
class Cuts:
    """What makes a row visible at an instant t: event <= t, or event < t if strict; with `known` also created <= t."""

    strict: bool
    known: bool


@dataclass(frozen=True)
class Source:
    """A parquet file, or a folder of them (hive partitions become columns), with the columns that hold its instants."""

    path: Path
    event: str
    created: str | None

    @cached_property
    def _files(self) -> Any:
        from pyarrow import dataset

        if not self.path.exists():
            raise AsofError(f"the feature file {self.path} does not exist; write it before you join.")
        return dataset.dataset(self.path, format="parquet", partitioning="hive")

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return columns of all rows, in file order (files by path)."""
        missing = [name for name in names if name not in self._files.schema.names]
        if missing:
            raise AsofError(f"{self.path} lacks {missing}; it has {self._files.schema.names}.")
        return self._files.to_table(columns=list(dict.fromkeys(names)))

    def fetch(self, name: str, positions: pa.Array) -> pa.Array:
        """Return one column at positions; null where the position is null."""
        return plain(self.columns([name])[name]).combine_chunks().take(positions)

    def timeline(self, keys: Sequence[str], cuts: Cuts) -> pa.Table:
        """Return the narrow side of the join: `k0`... (keys), `event`, `created`, `visible` (microseconds), `position`.

        `visible` is the first instant at which the row may be used: both cuts compare with the same t, so the later of the
        two counts. It is null for a row that is never visible.
        """
        wanted = [self.event, *([self.created] if self.created else [])]
        read = self.columns([*keys, *wanted])
        event = micros(read[self.event], f"{self.event} of {self.path}", up=True)
        created = micros(read[self.created], f"{self.created} of {self.path}", up=True) if self.created else event
        seen = pc.add(event, STRICT_SHIFT) if cuts.strict else event
        if cuts.known and self.created:
            seen = pc.max_element_wise(seen, created, skip_nulls=False)
        narrow = {f"k{i}": plain(read[key]) for i, key in enumerate(keys)}
        narrow |= {"event": event, "created": created, "visible": seen}
        return pa.table(narrow).append_column("position", pa.array(np.arange(len(read))))


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without dictionary encoding, which says how values are kept and not what they are."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
