"""The canonical tables: all versions of their rows, views of what was known at an instant, and their files.

Every row carries two times and a flag:

* `event_timestamp`: when the fact became true (end of the session that it belongs to);
* `known_at`: when it became public;
* `known_estimated`: True where `known_at` is a stated delay after the event rather than an observed publication. A row
  that a later snapshot changed, or added to a session that was there already, is known since that snapshot and has
  `known_estimated` False; the old version stays.

Times are UTC with microseconds, durations seconds, ids int64, nullable numbers float64, nullable flags boolean. The race
clock of the lap tables is in seconds since the start of the race, negative before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import TableError, UnknownName
from pitwall.domain.tables.specs import SPECS, STAMPS, TableSpec

__all__ = ["SPECS", "STAMPS", "TableSpec", "Tables", "empty_table", "load_tables", "save_tables", "standing"]


class Tables(Mapping[str, pd.DataFrame]):
    """The canonical tables with all versions of their rows, and views of what was known at an instant.

    Iterating gives table names; `tables["results"]` a DataFrame (see `SPECS`). A reader may be limited to declared
    tables with `only`, so that what a feature reads is what it says it reads.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            raise UnknownName("table", name, self._frames)
        return self._frames[name]

    def __contains__(self, name: object) -> bool:
        return name in self._frames  # the inherited one expects a KeyError

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def only(self, *names: str) -> Tables:
        """Return a view that holds just the named tables."""
        return Tables({name: self[name] for name in names})

    def replace(self, **frames: pd.DataFrame) -> Tables:
        """Return a copy with some tables exchanged (for what-if grids and entry lists)."""
        return Tables({**self._frames, **frames})

    def as_of(self, instant: pd.Timestamp | None = None) -> Tables:
        """Return one version per key: the latest with `known_at <= instant` (the newest version when None).

        A race that was called off by then is not among the `races`: its label is free for another.
        """
        return Tables({name: _latest(SPECS[name], frame, instant) for name, frame in self._frames.items()})

    def cut(self, instant: pd.Timestamp) -> Tables:
        """Return the rows that may be used at cut-off `instant`: `event_timestamp < instant`, `known_at <= instant`."""
        return Tables(
            {
                name: frame[(frame["event_timestamp"] < instant) & (frame["known_at"] <= instant)]
                for name, frame in self.as_of(instant).items()
            }
        )

    def known(self, instant: datetime | None) -> Tables:
        """Return all versions of rows that were public at an instant; everything when None."""
        if instant is None:
            return self
        return Tables({name: frame[frame["known_at"] <= instant] for name, frame in self._frames.items()})

    def vintages(self) -> list[pd.Timestamp]:
        """Return the instants at which a later snapshot changed what was known, or added to it, in order."""
        late = [frame.loc[~frame["known_estimated"], "known_at"] for frame in self._frames.values()]
        return sorted({instant for instants in late for instant in instants})


def _latest(spec: TableSpec, frame: pd.DataFrame, instant: pd.Timestamp | None) -> pd.DataFrame:
    known = frame if instant is None else frame[frame["known_at"] <= instant]
    ordered = known.sort_values([*spec.key, "known_at"], kind="stable")
    return standing(ordered.drop_duplicates(list(spec.key), keep="last")).reset_index(drop=True)


def standing(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of one version per key without races that were called off; rows of other tables as they are."""
    return rows[~rows["called_off"]] if "called_off" in rows else rows


def empty_table(name: str) -> pd.DataFrame:
    """Return an empty table with the right columns and types."""
    spec = SPECS[name]
    return pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in {**spec.columns, **STAMPS}.items()})


def load_tables(folder: Path, names: list[str] | None = None) -> Tables:
    """Read canonical tables from `data/tables`.

    Raises:
        TableError: a table's file is missing; says which command makes it.
    """
    frames = {}
    for name in names or list(SPECS):
        path = folder / f"{name}.parquet"
        if not path.is_file():
            raise TableError(f"the table {name} is missing at {path}; make it with `dvc repro tables`.")
        frames[name] = pd.read_parquet(path)
    return Tables(frames)


def save_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Check each table against its schema and write it, sorted by key and knowledge time, as parquet.

    Raises:
        TableError: a table breaks its schema; says the column, the check and an example.
    """
    import pandera.errors

    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        spec = SPECS[name]
        ordered = frame.sort_values([*spec.key, "known_at"], kind="stable")[spec.all_columns].reset_index(drop=True)
        try:
            spec.schema().validate(ordered)
        except pandera.errors.SchemaError as error:
            raise TableError(f"table {name} breaks its schema: {error}") from error
        ordered.to_parquet(folder / f"{name}.parquet", index=False, coerce_timestamps="us")
