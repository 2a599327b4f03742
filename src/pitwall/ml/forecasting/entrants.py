"""Who starts a race, from which slot: as recorded, as a file says, or as the qualifying order suggests; always labelled.

Entry and grid files are CSV with a column `driver` and `grid` (0 starts from the pit lane); an entry file may name the
`constructor`, else a driver keeps their last one. Who is meant by a name is decided by `pitwall.ml.data.entity_names`, at this race.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, STAMPS, Tables
from pitwall.domain.when import hours
from pitwall.ml.data.among import Among, of_race
from pitwall.ml.data.calendar import Race
from pitwall.ml.data.entity_names import entity
from pitwall.ml.forecasting.field.practice_cars import CAR, practice_cars
from pitwall.ml.forecasting.field.whole_field import whole_field

ALONE = "one car only, so every chance is 1 and says nothing"


@dataclass(frozen=True)
class Lineup:
    """The cars of a race.

    Attributes:
        cars: driver_id, constructor_id, sorted by driver.
        grid: slot by driver_id where it is not the recorded one, else None.
        recorded: whether the cars are those of the tables.
        labels: what a reader must know about where they come from.
    """

    cars: pd.DataFrame
    grid: Mapping[int, int] | None
    recorded: bool
    labels: tuple[str, ...]


def lineup(tables: Tables, race: Race, entries: Path | None = None, grid: Path | None = None) -> Lineup:
    """Return who starts from where.

    Args:
        tables: canonical tables.
        race: the race.
        entries: entry file that replaces the entrants.
        grid: grid file that replaces the grid; it must name every car once.

    Raises:
        ForecastError: a file is missing, lacks a column, repeats or leaves out a car; or nobody is known to start.
        UnknownName, UsageError: a name fits nobody who may be meant at this race, or several.
    """
    newest = tables.as_of()
    cars, recorded, labels = _cars(newest, race, entries)
    slots, more = _slots(newest, race, cars, grid)
    return Lineup(cars, slots, recorded, (*labels, *_size(newest, race, cars, entries), *more))


def _size(tables: Tables, race: Race, cars: pd.DataFrame, entries: Path | None) -> list[str]:
    """Say where a field is so small, or another than the race's own, that its chances mean something else."""
    if len(cars) == 1:
        return [f"what if: {ALONE}" if entries else ALONE]
    if entries is None:
        return []
    usual = len(_assumed(tables, race))
    if usual in (0, len(cars)):
        return []
    return [
        f"what if: {len(cars)} cars where the race has {usual}: every chance is among these, and is 1 for an event that has a "
        "place for each of them"
    ]


def _cars(tables: Tables, race: Race, entries: Path | None) -> tuple[pd.DataFrame, bool, list[str]]:
    if entries is not None:
        return _read_entries(tables, race, entries), False, [f"what if: entries from {entries.name}"]
    own, last = _sorted(_of(tables["entries"], race)), _last(tables, race)
    if len(own):
        cars, labels = _entered(tables, race, own, last)
        return cars, cars is own, labels
    if last.empty:
        raise ForecastError(f"nobody is entered for {race.label} and there is no earlier race; give --entries FILE.")
    if (practised := practice_cars(tables, race, last)) is not None:
        seen, session = practised
        cars, labels = whole_field(tables, race, _sorted(seen), last, session)
        return cars, False, [f"no entry list yet: the drivers of {session} are assumed", *labels]
    return last, False, ["no entry list yet: the entrants of the last race are assumed"]


def _assumed(tables: Tables, race: Race) -> pd.DataFrame:
    """Return the cars of the race's entry list, else of the last race before it; empty where there is none."""
    own, last = _sorted(_of(tables["entries"], race)), _last(tables, race)
    return _entered(tables, race, own, last)[0] if len(own) else last


def _entered(tables: Tables, race: Race, own: pd.DataFrame, last: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the cars of an entry list, which of a race to come may be a part, and what must be said of them."""
    if race.run:
        return own, []
    return whole_field(tables, race, own, last, "the grid" if len(_of(tables["grid"], race)) else "qualifying")


def _last(tables: Tables, race: Race) -> pd.DataFrame:
    """Return the cars of the last race before it; empty where there is none."""
    known = tables["entries"]
    starts = known["race_id"].map(tables["races"].set_index("race_id")["starts_at"])
    before = starts[(starts < race.starts_at) & (known["race_id"] != race.race_id)]
    return _sorted(known[starts == before.max()])


def _slots(
    tables: Tables, race: Race, cars: pd.DataFrame, grid: Path | None
) -> tuple[dict[int, int] | None, list[str]]:
    drivers = set(cars["driver_id"])
    if race.cutoff < race.starts_at:  # a forecast made before there is a grid looks at none
        if grid is not None:
            raise ForecastError(
                f"this forecast of {race.label} is made as of {race.cutoff:%Y-%m-%d %H:%M}, before there is a grid; "
                f"leave --grid {grid.name} out, or ask the pre_race model."
            )
        return None, []
    if grid is not None:
        return _read_grid(tables, race, grid, cars), [f"what if: grid from {grid.name}"]
    if drivers <= set(_of(tables["grid"], race)["driver_id"]):
        return None, []
    if missing := _without_a_slot(tables, race, drivers):
        return None, [f"no slot is known of {missing} of {len(drivers)} cars"]
    qualifying = _of(tables["qualifying"], race).sort_values("place")
    order = [driver for driver in qualifying["driver_id"] if driver in drivers]
    if not order:
        return None, ["no grid and no qualifying yet: the session is unknown to the model"]
    behind = sorted(drivers - set(order))
    slots = {int(driver): slot for slot, driver in enumerate([*order, *behind], start=1)}
    unknown = [f"not qualified, so placed behind by driver id: {len(behind)} of {len(drivers)} cars"] if behind else []
    return slots, ["no grid yet: the qualifying order stands in, without penalties", *unknown]


def _without_a_slot(tables: Tables, race: Race, drivers: set[int]) -> int:
    """Return how many of the race's own cars the published grid leaves out; 0 where there is none or these are others."""
    grid, entered = (set(cars["driver_id"]) for cars in (_of(tables["grid"], race), _assumed(tables, race)))
    return len(drivers - grid) if grid & drivers and drivers <= entered else 0


def _of(frame: pd.DataFrame, race: Race) -> pd.DataFrame:
    return frame[frame["race_id"] == race.race_id]


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[CAR].sort_values("driver_id", ignore_index=True)


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    """Return the lines of a file as text; every one names a driver."""
    try:
        rows = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], skipinitialspace=True)
    except FileNotFoundError:
        raise ForecastError(f"there is no file {path}; it needs the columns {', '.join(columns)}.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ForecastError(f"{path} is no CSV: {error}") from error
    if not isinstance(rows.index, pd.RangeIndex):  # pandas takes the first values of longer rows for names of rows
        raise ForecastError(
            f"{path} has rows with more values than the {len(rows.columns)} columns of its first line "
            f"({', '.join(map(str, rows.columns))}), e.g. one that begins with {str(rows.index.to_flat_index()[0])!r}; give each "
            'column a name, and put a name with a comma into "quotes".'
        )
    rows = rows.rename(columns=lambda name: str(name).strip()).dropna(how="all")
    rows = rows.apply(lambda column: column.str.strip().replace("", pd.NA))
    missing = [name for name in columns if name not in rows]
    if missing or rows.empty:
        found = ", ".join(rows.columns)
        raise ForecastError(f"{path} has {len(rows)} rows and the columns {found}; it needs {', '.join(columns)}.")
    if nameless := [number for number, name in enumerate(rows["driver"], start=1) if pd.isna(name)]:
        raise ForecastError(
            f"{path} names no driver in its row {nameless[0]} of {len(rows)}; name one or leave the row out."
        )
    return rows.reset_index(drop=True)


def _read_entries(tables: Tables, race: Race, path: Path) -> pd.DataFrame:
    rows, among = _read(path, ["driver"]), of_race(tables, race)
    drivers = _meant(tables, "driver", rows["driver"], among)
    _once(path, rows["driver"], drivers)
    named = rows["constructor"] if "constructor" in rows else pd.Series(pd.NA, index=rows.index, dtype="string")
    teams = [
        _last_team(tables, race, driver, name) if pd.isna(team) else entity(tables, "constructor", team, among)[0]
        for driver, name, team in zip(drivers, rows["driver"], named, strict=True)
    ]
    return _sorted(pd.DataFrame({"driver_id": drivers, "constructor_id": teams}))


def _read_grid(tables: Tables, race: Race, path: Path, cars: pd.DataFrame) -> dict[int, int]:
    rows, expected = _read(path, ["driver", "grid"]), set(cars["driver_id"])
    drivers = _meant(tables, "driver", rows["driver"], of_race(tables, race, cars))
    _once(path, rows["driver"], drivers)
    names = tables["drivers"].set_index("driver_id")["ref"]
    for what, ids in (
        ("leaves out", expected - set(drivers)),
        ("names, beside the entrants,", set(drivers) - expected),
    ):
        if ids:
            raise ForecastError(f"{path} {what} {', '.join(sorted(names[list(ids)]))}; name every entrant once.")
    slots = pd.to_numeric(rows["grid"], errors="coerce")
    if slots.isna().any() or (slots < 0).any() or (slots % 1 != 0).any():
        raise ForecastError(f"{path}: grid must be a slot from 1, or 0 for the pit lane; found {list(rows['grid'])}.")
    if shared := sorted({int(slot) for slot in slots[slots.gt(0) & slots.duplicated()]}):
        both = " and ".join(rows.loc[slots == shared[0], "driver"])
        raise ForecastError(f"{path} gives slot {shared[0]} to {both}; only the pit lane, 0, takes several cars.")
    return dict(zip(drivers, slots.astype(int), strict=True))


def _meant(tables: Tables, kind: str, names: pd.Series, among: Among) -> list[int]:
    return [entity(tables, kind, name, among)[0] for name in names]


def _once(path: Path, names: pd.Series, drivers: list[int]) -> None:
    repeated = sorted({name for name, driver in zip(names, drivers, strict=True) if drivers.count(driver) > 1})
    if repeated:
        raise ForecastError(f"{path} names a driver more than once: {', '.join(repeated)}.")


def _last_team(tables: Tables, race: Race, driver: int, name: str) -> int:
    """Return the driver's team at the race, else at their last race before it."""
    entered = tables["entries"].merge(tables["races"][["race_id", "starts_at"]], on="race_id")
    own = entered[(entered["driver_id"] == driver) & (entered["starts_at"] <= race.starts_at)].sort_values("starts_at")
    if own.empty:
        raise ForecastError(
            f"{name} never drove before {race.label}; add a column `constructor` to the entry file that names their team."
        )
    return int(own["constructor_id"].iloc[-1])


def with_grid(tables: Tables, race: Race, line: Lineup, time: TimeParams) -> Tables:
    """Return the tables with the line-up's grid in place of the race's recorded one."""
    if line.grid is None:
        return tables
    published = race.starts_at - hours(time.grid_known_before_race_h)
    rows = line.cars.assign(
        race_id=race.race_id,
        **slots_of(line.cars["driver_id"].map(line.grid).to_numpy()),
        event_timestamp=published,
        known_at=published,
        known_estimated=True,
    )
    spec = SPECS["grid"]
    others = tables["grid"][tables["grid"]["race_id"] != race.race_id]
    typed = rows[spec.all_columns].astype({**spec.columns, **STAMPS})
    return tables.replace(grid=pd.concat([others, typed], ignore_index=True))


def slots_of(slots: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of a grid: a car from the pit lane, slot 0, stands behind all others, by driver among several."""
    lane = slots == 0
    return {"grid": np.where(slots > 0, slots, np.fmax.reduce(slots) + lane.cumsum()), "pit_lane": lane}
