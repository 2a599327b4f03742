"""The canonical tables: their columns, keys and meaning, as data from which the Pandera schemas are made.

Every row carries two times and a flag:

* `event_timestamp`: when the fact became true (end of the session that it belongs to);
* `known_at`: when it became public;
* `known_estimated`: True where `known_at` is a stated delay after the event rather than an observed publication. A row
  that a later snapshot changed is a new version with `known_estimated` False; the old version stays.

Times are UTC with microseconds, durations seconds, ids int64, nullable numbers float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.errors import TableError, UnknownName
from pitwall.domain.when import UTC_US

if TYPE_CHECKING:
    import pandera.pandas as pa

STAMPS = {"event_timestamp": UTC_US, "known_at": UTC_US, "known_estimated": "bool"}


@dataclass(frozen=True)
class TableSpec:
    """One canonical table: its key, its columns with pandas dtypes, which of them may be null, and what a row is."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    nullable: frozenset[str]
    row: str

    def schema(self) -> pa.DataFrameSchema:
        """Return the strict Pandera schema: columns, types, nulls, one row per key and version."""
        import pandera.pandas as pa

        columns = {
            name: pa.Column(dtype, nullable=name in self.nullable, checks=_checks(name))
            for name, dtype in {**self.columns, **STAMPS}.items()
        }
        return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=[*self.key, "known_at"], name=self.name)

    @property
    def all_columns(self) -> list[str]:
        """Return the column names in order, stamps last."""
        return [*self.columns, *STAMPS]


def _checks(column: str) -> list[pa.Check]:
    import pandera.pandas as pa

    limits = {
        "season": pa.Check.in_range(1950, 2100),
        "round": pa.Check.in_range(1, 40),
        "grid": pa.Check.ge(1),
        "place": pa.Check.ge(1),
        "points": pa.Check.ge(0),
        "laps": pa.Check.ge(0),
        "lat": pa.Check.in_range(-90, 90),
        "lng": pa.Check.in_range(-180, 180),
    }
    return [limits[column]] if column in limits else []


def _spec(name: str, row: str, key: str, columns: str, nullable: str = "") -> TableSpec:
    """Read the compact notation `name:type` below; types are i(nt), f(loat), s(tring), b(ool), t(ime)."""
    types = {"i": "int64", "f": "float64", "s": "string", "b": "bool", "t": UTC_US}
    parsed = {part.split(":")[0]: types[part.split(":")[1]] for part in columns.split()}
    return TableSpec(name, tuple(key.split()), parsed, frozenset(nullable.split()), row)


_CAR = "race_id:i driver_id:i constructor_id:i"

SPECS: dict[str, TableSpec] = {
    spec.name: spec
    for spec in [
        _spec(
            "races",
            "a race of the calendar; `*_estimated` marks a session time that was assumed",
            "race_id",
            "race_id:i season:i round:i circuit_id:i name:s starts_at:t qualifying_at:t practice_at:t sprint_at:t "
            "start_estimated:b qualifying_estimated:b practice_estimated:b",
            "sprint_at",
        ),
        _spec(
            "circuits",
            "a circuit; degrees and metres",
            "circuit_id",
            "circuit_id:i ref:s name:s country:s lat:f lng:f alt:f",
            "country lat lng alt",
        ),
        _spec(
            "drivers",
            "a driver",
            "driver_id",
            "driver_id:i ref:s code:s name:s born:t nationality:s",
            "code born nationality",
        ),
        _spec(
            "constructors",
            "a constructor; `lineage` is the id shared by one team across its renames",
            "constructor_id",
            "constructor_id:i ref:s name:s nationality:s lineage:i",
            "nationality",
        ),
        _spec(
            "entries",
            "a car that takes part in a race (the actual starters, a stated simplification)",
            "race_id driver_id",
            f"{_CAR} number:f",
            "number",
        ),
        _spec(
            "grid",
            "a starting slot after penalties, from 1; a start from the pit lane stands behind the last slot",
            "race_id driver_id",
            f"{_CAR} grid:i pit_lane:b",
        ),
        _spec(
            "qualifying",
            "a qualifying line before penalties; q1, q2, q3 in seconds",
            "race_id driver_id",
            f"{_CAR} place:i q1:f q2:f q3:f",
            "q1 q2 q3",
        ),
        _spec(
            "practice",
            "a practice line: best time in seconds, laps driven; session FP1 to FP4",
            "race_id driver_id session",
            f"{_CAR} session:s place:i seconds:f laps:f",
            "seconds laps",
        ),
        _spec(
            "sprints",
            "a line of a sprint's classification",
            "race_id driver_id",
            f"{_CAR} grid:i place:i points:f laps:i status:s",
        ),
        _spec(
            "results",
            "a line of a race's classification; `place` is 1..n over all cars (retired cars last), `classified` False "
            "for those without a finishing position; `started` False: did not qualify or withdrew; `seconds` total time "
            "of cars on the lead lap; `fastest_lap` seconds and its `fastest_rank`",
            "race_id driver_id",
            f"{_CAR} place:i classified:b started:b retired:b points:f laps:i seconds:f fastest_lap:f fastest_rank:f status:s",
            "seconds fastest_lap fastest_rank",
        ),
        _spec(
            "pit_stops",
            "a pit stop; seconds in the pit lane",
            "race_id driver_id stop",
            "race_id:i driver_id:i stop:i lap:i seconds:f",
        ),
        _spec(
            "lap_times",
            "a lap of a car in a race; place at its end",
            "race_id driver_id lap",
            "race_id:i driver_id:i lap:i place:f seconds:f",
            "place",
        ),
        _spec(
            "driver_standings",
            "the drivers' championship after a race",
            "race_id driver_id",
            "race_id:i driver_id:i points:f place:f wins:i",
            "place",
        ),
        _spec(
            "constructor_standings",
            "the constructors' championship after a race",
            "race_id constructor_id",
            "race_id:i constructor_id:i points:f place:f wins:i",
            "place",
        ),
    ]
}


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
        """Return one version per key: the latest with `known_at <= instant` (the newest version when None)."""
        return Tables({name: _latest(SPECS[name], frame, instant) for name, frame in self._frames.items()})

    def cut(self, instant: pd.Timestamp) -> Tables:
        """Return the rows that may be used at cut-off `instant`: `event_timestamp < instant`, `known_at <= instant`."""
        return Tables(
            {
                name: frame[(frame["event_timestamp"] < instant) & (frame["known_at"] <= instant)]
                for name, frame in self.as_of(instant).items()
            }
        )

    def vintages(self) -> list[pd.Timestamp]:
        """Return the instants at which a later snapshot changed rows that were already known, in order."""
        instants: set[pd.Timestamp] = set()
        for name, frame in self._frames.items():
            again = frame.sort_values("known_at", kind="stable").duplicated(list(SPECS[name].key))
            instants.update(frame.sort_values("known_at", kind="stable").loc[again, "known_at"])
        return sorted(instants)


def _latest(spec: TableSpec, frame: pd.DataFrame, instant: pd.Timestamp | None) -> pd.DataFrame:
    known = frame if instant is None else frame[frame["known_at"] <= instant]
    ordered = known.sort_values([*spec.key, "known_at"], kind="stable")
    return ordered.drop_duplicates(list(spec.key), keep="last").reset_index(drop=True)


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
