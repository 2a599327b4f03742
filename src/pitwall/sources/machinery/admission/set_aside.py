"""Read a fetched snapshot as the tables will be read, and count the lines of each raw table that stay and that do not.

Each line is known by its table and, where it tells them, its race and car. Lines merged by a documented rule (shared drives)
are no loss and are left out; so are laps of seasons that the calendar of the results does not hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.sources.machinery.canonical.dump import clean_dump, references
from pitwall.sources.machinery.canonical.laps import LOGS, World, lap_tables
from pitwall.sources.machinery.canonical.sessions import session_times
from pitwall.sources.machinery.canonical.shape import RENAMES, drivers
from pitwall.sources.machinery.canonical.users.names import TAKES_PART, Paddock
from pitwall.sources.machinery.canonical.users.tables import user_tables
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.snapshots.read import Quarantine, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

MERGED = "shared drive: "
UNKNOWN_RACE = "raceId: unknown id"
RACE, CAR = "raceId", "driverId"


@dataclass
class Lines:
    """The lines of one snapshot.

    Attributes:
        kept: how many stay, by (table, race or None, car or None).
        unfinished: how many of the results that stay are of cars without a finishing place, by race.
        aside: one row per line set aside: table, reason, row (its text by column), race, car, season (None where it does
            not tell).
        seasons: season by race.
        reasons: how many are set aside by `table: reason`, the merged ones included.
    """

    kept: dict[tuple[str, int | None, int | None], int] = field(default_factory=dict)
    unfinished: dict[int, int] = field(default_factory=dict)
    aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    seasons: dict[int, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    def keep(self, table: str, rows: pd.DataFrame, race: str = RACE, car: str = CAR) -> None:
        """Count lines that stay."""
        keys = [column for column in (race, car) if column in rows]
        if not keys:
            self.kept[table, None, None] = len(rows)
            return
        for key, count in rows.groupby(keys, sort=False).size().items():
            ids = key if isinstance(key, tuple) else (key, None)
            self.kept[table, int(ids[0]), None if ids[1] is None else int(ids[1])] = int(count)


def read_lines(snapshot: Snapshot, time: TimeParams, calendar: Snapshot | None) -> Lines:
    """Return the lines of a fetched snapshot.

    Args:
        snapshot: of any role.
        time: the time rules, for the calendar that laps refer to.
        calendar: the newest snapshot of results, which laps refer to; without one their ids are not looked up.

    Raises:
        SourceError: the laps belong to another calendar altogether.
    """
    bad, lines = Quarantine(snapshot.name), Lines()
    if snapshot.role == "user":
        _add_user_files(lines, snapshot, calendar, bad)
        _set_aside(lines, bad.frame(), None)
        return lines
    dump: dict[str, pd.DataFrame] | None = None
    if snapshot.role != "laps":
        dump = clean_dump(snapshot, bad)
        for table, rows in dump.items():
            lines.keep(table, rows)
        results = dump["results"]
        lines.seasons = _pairs(dump["races"].set_index(RACE)["year"])
        lines.unfinished = _pairs((~results["positionText"].map(is_place)).groupby(results[RACE]).sum())
    elif calendar is not None:
        dump = references(calendar, Quarantine(calendar.name))
        dump["results"] = read_raw(calendar, "results", Quarantine(calendar.name)).data
    world = None if dump is None else _world(dump, time)
    if snapshot.paths("laps"):
        _add_laps(lines, snapshot, world, bad)
    _set_aside(lines, bad.frame(), world if snapshot.role == "laps" else None)
    return lines


def _world(dump: Mapping[str, pd.DataFrame], time: TimeParams) -> World:
    races = pd.concat([dump["races"], session_times(dump["races"], time)], axis=1).rename(columns=RENAMES)
    entrants = dump["results"][[RACE, CAR]].drop_duplicates().set_axis(["race_id", "driver_id"], axis=1)
    return World(
        races.set_index("race_id"), dump["drivers"][CAR], dump["constructors"]["constructorId"], entrants=entrants
    )


def _add_laps(lines: Lines, snapshot: Snapshot, world: World | None, bad: Quarantine) -> None:
    if world is None:
        raw = {table: read_raw(snapshot, table, bad).data for table in ("laps", *LOGS)}
        for table, rows in raw.items():
            lines.keep(table, rows)
        lines.seasons = _pairs(raw["laps"].drop_duplicates(RACE).set_index(RACE)["Season"])
        return
    for table, rows in lap_tables(snapshot, world, bad).tables.items():
        lines.keep(table, rows, "race_id", "driver_id")
    lines.seasons = _pairs(world.races["season"]) | lines.seasons


def _add_user_files(lines: Lines, snapshot: Snapshot, calendar: Snapshot | None, bad: Quarantine) -> None:
    if calendar is None:  # nobody knows yet whom the names mean
        for table in FORMATS["user"].files:
            lines.keep(table, read_raw(snapshot, table, bad).data)
        return
    for table, rows in user_tables(snapshot, _paddock(calendar), bad).items():
        lines.keep(table, rows, "race_id", "driver_id")


def _paddock(calendar: Snapshot) -> Paddock:
    """Return what names refer to in a snapshot of results; its large tables are not read for it."""
    ignored = Quarantine(calendar.name)
    dump = references(calendar, ignored)
    lists = {name: "grid" if name == "entries" else name for name in TAKES_PART}
    part = {name: read_raw(calendar, raw, ignored).data for name, raw in lists.items()}
    known = {name: rows.rename(columns=RENAMES) for name, rows in {**dump, **part}.items()}
    return Paddock.of({**known, "races": known["races"].assign(called_off=False), "drivers": drivers(dump["drivers"])})


def _set_aside(lines: Lines, bad: pd.DataFrame, world: World | None) -> None:
    """Add what was set aside; a line of a race that nobody knows tells its season by itself, or by a lap of that race."""
    rows = [json.loads(text) for text in bad["row"]]
    ids = {name: [_whole(row.get(column)) for row in rows] for column, name in ((RACE, "race"), (CAR, "car"))}
    own = [_whole(row.get("year", row.get("Season"))) for row in rows]
    for race, season in zip(ids["race"], own, strict=True):
        if race is not None and season is not None:
            lines.seasons.setdefault(race, season)
    of_race = [lines.seasons.get(race) if race is not None else None for race in ids["race"]]
    seasons = [told if known is None else known for known, told in zip(of_race, own, strict=True)]
    columns = {"row": rows, **ids, "season": seasons}
    found = bad[["table", "reason"]].astype(object).join(pd.DataFrame(columns, bad.index, dtype=object))
    lines.reasons = {str(k): int(n) for k, n in (bad["table"] + ": " + bad["reason"]).value_counts(sort=False).items()}
    left_out = found["reason"].str.startswith(MERGED)
    if world is not None:
        elsewhere = found["season"].notna() & ~found["season"].isin(world.races["season"])
        left_out = left_out | (elsewhere & (found["reason"] == UNKNOWN_RACE))
    lines.aside = found[~left_out.astype(bool)].reset_index(drop=True)


def is_place(text: Any) -> bool:
    """Return whether a position is a finishing place, and not a letter or nothing."""
    return str(text if text is not None else "").strip().isdigit()


def _pairs(values: pd.Series) -> dict[int, int]:
    return {int(key): int(value) for key, value in values.items()}


def _whole(value: Any) -> int | None:
    """Return an id as a number, None where it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else None
