"""Who starts a race, from which slot: as recorded, as a file says, or as the qualifying order suggests; always labelled.

Entry and grid files are CSV with a column `driver` (ref, three-letter code or id) and `grid` (0 starts from the pit lane);
an entry file may name the `constructor` (ref or id), else a driver keeps his last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import ForecastError, UnknownName
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, STAMPS, Tables
from pitwall.domain.when import hours
from pitwall.ml.forecast.practice_cars import CAR, practice_cars
from pitwall.ml.races import Race


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
        UnknownName: a driver or constructor is not known.
    """
    newest = tables.as_of()
    cars, recorded, labels = _cars(newest, race, entries)
    slots, more = _slots(newest, race, cars, grid)
    return Lineup(cars, slots, recorded, (*labels, *more))


def _cars(tables: Tables, race: Race, entries: Path | None) -> tuple[pd.DataFrame, bool, list[str]]:
    if entries is not None:
        return _read_entries(tables, entries), False, [f"what if: entries from {entries.name}"]
    known = tables["entries"]
    own = known[known["race_id"] == race.race_id]
    if len(own):
        return _sorted(own), True, []
    calendar = tables["races"].set_index("race_id")["starts_at"]
    before = known[known["race_id"].map(calendar) < race.starts_at]
    if before.empty:
        raise ForecastError(f"nobody is entered for {race.label} and there is no earlier race; give --entries FILE.")
    latest = before["race_id"].map(calendar).idxmax()
    last = before[before["race_id"] == before.loc[latest, "race_id"]]
    if (practised := practice_cars(tables, race, last)) is not None:
        return _sorted(practised[0]), False, [f"no entry list yet: the drivers of {practised[1]} are assumed"]
    return _sorted(last), False, ["no entry list yet: the entrants of the last race are assumed"]


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
        return _read_grid(tables, grid, drivers), [f"what if: grid from {grid.name}"]
    if drivers <= set(_of(tables["grid"], race)["driver_id"]):
        return None, []
    qualifying = _of(tables["qualifying"], race).sort_values("place")
    order = [driver for driver in qualifying["driver_id"] if driver in drivers]
    if not order:
        return None, ["no grid and no qualifying yet: the session is unknown to the model"]
    behind = sorted(drivers - set(order))
    slots = {int(driver): slot for slot, driver in enumerate([*order, *behind], start=1)}
    return slots, ["no grid yet: the qualifying order stands in, without penalties"]


def _of(frame: pd.DataFrame, race: Race) -> pd.DataFrame:
    return frame[frame["race_id"] == race.race_id]


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[CAR].sort_values("driver_id", ignore_index=True)


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype="string")
    except FileNotFoundError:
        raise ForecastError(f"there is no file {path}; it needs the columns {', '.join(columns)}.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ForecastError(f"{path} is no CSV: {error}") from error
    missing = [name for name in columns if name not in rows]
    if missing or rows.empty:
        found = ", ".join(rows.columns)
        raise ForecastError(f"{path} has {len(rows)} rows and the columns {found}; it needs {', '.join(columns)}.")
    return rows


def _read_entries(tables: Tables, path: Path) -> pd.DataFrame:
    rows = _read(path, ["driver"])
    drivers = _identify(tables["drivers"], "driver", rows["driver"])
    if "constructor" in rows:
        teams = _identify(tables["constructors"], "constructor", rows["constructor"])
    else:
        teams = [_last_team(tables, driver) for driver in drivers]
    _once(path, rows["driver"], drivers)
    return _sorted(pd.DataFrame({"driver_id": drivers, "constructor_id": teams}))


def _read_grid(tables: Tables, path: Path, expected: set[int]) -> dict[int, int]:
    rows = _read(path, ["driver", "grid"])
    drivers = _identify(tables["drivers"], "driver", rows["driver"])
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
    return dict(zip(drivers, slots.astype(int), strict=True))


def _identify(table: pd.DataFrame, kind: str, names: pd.Series) -> list[int]:
    """Return ids for refs, codes or ids; a code that two drivers share means the later one."""
    known: dict[str, int] = {}
    for row in table.sort_values(f"{kind}_id").to_dict("records"):
        for name in (row.get("code"), str(row[f"{kind}_id"]), row["ref"]):
            if isinstance(name, str):
                known[name.casefold()] = int(row[f"{kind}_id"])
    wanted = [str(name).strip() for name in names]
    for name in wanted:
        if name.casefold() not in known:
            raise UnknownName(kind, name, [str(ref) for ref in table["ref"]])
    return [known[name.casefold()] for name in wanted]


def _once(path: Path, names: pd.Series, drivers: list[int]) -> None:
    repeated = sorted({name for name, driver in zip(names, drivers, strict=True) if drivers.count(driver) > 1})
    if repeated:
        raise ForecastError(f"{path} names a driver more than once: {', '.join(repeated)}.")


def _last_team(tables: Tables, driver: int) -> int:
    entered = tables["entries"].merge(tables["races"][["race_id", "starts_at"]], on="race_id")
    own = entered[entered["driver_id"] == driver].sort_values("starts_at")
    if own.empty:
        raise ForecastError(f"driver {driver} never drove; add a column `constructor` to the entry file.")
    return int(own["constructor_id"].iloc[-1])


def with_grid(tables: Tables, race: Race, line: Lineup, time: TimeParams) -> Tables:
    """Return the tables with the line-up's grid in place of the race's recorded one."""
    if line.grid is None:
        return tables
    published = race.starts_at - hours(time.grid_known_before_race_h)
    slots = line.cars["driver_id"].map(line.grid)
    behind = slots.max() + slots.eq(0).cumsum()
    rows = line.cars.assign(
        race_id=race.race_id,
        grid=slots.where(slots > 0, behind),
        pit_lane=slots.eq(0),
        event_timestamp=published,
        known_at=published,
        known_estimated=True,
    )
    spec = SPECS["grid"]
    others = tables["grid"][tables["grid"]["race_id"] != race.race_id]
    typed = rows[spec.all_columns].astype({**spec.columns, **STAMPS})
    return tables.replace(grid=pd.concat([others, typed], ignore_index=True))
