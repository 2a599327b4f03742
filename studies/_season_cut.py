"""A real dump as it would have read at an instant: sessions, grids, results and decisions that were not public are cut away.

A line is public two hours after the start of its session, a grid one hour before the race, what a race brings five hours after
its start: the rules of params.yaml for recorded times. The grid comes from the results, as no public dump tells it before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

Dump = dict[str, pd.DataFrame]

SESSION, RACE = pd.Timedelta(hours=2), pd.Timedelta(hours=5)
GRID = pd.Timedelta(hours=1)
AFTER_RACE = (
    *("results", "pit_stops", "driver_standings", "constructor_standings", "constructor_results"),
    *("safety_cars", "red_flags", "virtual_safety_cars"),
)
WHOLE = ("drivers", "practice_only_drivers", "constructors", "circuits", "status")
SESSIONS = {"practice": ("FP1", "FP2", "FP3", "FP4"), "qualifying": ("quali",), "sprint_results": ("sprint",)}
NULL = r"\N"


@dataclass(frozen=True)
class Cut:
    """What is public: everything up to an instant, but for a few exceptions.

    Attributes:
        at: the instant, UTC.
        dates_only: the calendar has no times of races to come.
        withheld: numbers of races of the instant's season whose results nobody told.
    """

    at: pd.Timestamp
    dates_only: bool = False
    withheld: tuple[int, ...] = ()


def load(folder: Path, first: int, last: int) -> Dump:
    """Return the seasons of a dump, every value as its text."""
    races = _read(folder, "races")
    races = races[races["year"].astype(int).between(first, last)]
    dump = {name: _read(folder, name) for name in (*WHOLE, "seasons")}
    per_race = {name: _read(folder, name) for name in (*AFTER_RACE, *SESSIONS)}
    own = {name: rows[rows["raceId"].isin(races["raceId"])] for name, rows in per_race.items()}
    years = dump["seasons"]["year"].astype(int)
    return {**dump, **own, "races": races, "seasons": dump["seasons"][years.between(first, last)]}


def cut(dump: Dump, what: Cut) -> Dump:
    """Return the dump as it read then."""
    races = dump["races"].set_index("raceId")
    start = _instants(races, "")
    told = start + RACE <= what.at
    season = races["year"] == str(what.at.year)
    told &= ~(season & races["round"].astype(int).isin(what.withheld))
    ran = set(races.index[told])
    made = {name: dump[name] for name in (*WHOLE, "seasons")}
    made |= {name: rows[rows["raceId"].isin(ran)] for name in AFTER_RACE if len(rows := dump[name])}
    for name, sessions in SESSIONS.items():
        made[name] = _public(dump[name], races, start, sessions, what.at)
    waiting = set(races.index[~told & (start - GRID <= what.at)])
    lined_up = dump["results"][
        dump["results"]["raceId"].isin(waiting) & ~dump["results"]["positionText"].isin(["F", "W"])
    ]
    if len(lined_up):
        made["grid"] = lined_up[["raceId", "driverId", "constructorId", "grid"]]
    return {**made, "races": _calendar(dump["races"], set(races.index[~told]) if what.dates_only else set())}


def write(dump: Dump, folder: Path) -> None:
    """Write the files of a dump in place of those in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for name, rows in dump.items():
        rows.to_csv(folder / f"{name}.csv", index=False)


def _public(
    rows: pd.DataFrame, races: pd.DataFrame, start: pd.Series, sessions: Iterable[str], at: pd.Timestamp
) -> pd.DataFrame:
    """Return the lines of sessions that were public; those without a recorded time are as old as their race."""
    since = pd.Series(pd.NaT, index=rows.index, dtype=start.dtype)
    for session in sessions:
        of = rows["session"] == session if "session" in rows else pd.Series(True, index=rows.index)
        began = (
            _instants(races, f"{session.lower()}_") if f"{session.lower()}_date" in races else start.where(start.isna())
        )
        since = since.mask(of, rows["raceId"].map(began + SESSION))
    since = since.fillna(rows["raceId"].map(start + RACE))
    return rows[since <= at]


def _calendar(races: pd.DataFrame, dates_only: set[str]) -> pd.DataFrame:
    times = [name for name in races if str(name).endswith("_time") or str(name).endswith("_date") or name == "time"]
    return races.assign(**{str(name): races[name].mask(races["raceId"].isin(dates_only), NULL) for name in times})


def _instants(races: pd.DataFrame, prefix: str) -> pd.Series:
    text = (races[f"{prefix}date"] + " " + races[f"{prefix}time"]).where(races[f"{prefix}date"] != NULL)
    dated = text.str.replace(NULL, "13:00:00", regex=False).str.rstrip("Z")
    return pd.to_datetime(dated, utc=True, errors="coerce")


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = next(path for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if path.is_file())
    return pd.read_csv(path, dtype="string", keep_default_na=False)
