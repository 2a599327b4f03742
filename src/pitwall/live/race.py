"""What is known of a race before it starts: who drives, how long it usually is, and every table as it stood at its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.features.machinery.build import view_at
from pitwall.features.machinery.shared.race_laps import usual_distance
from pitwall.live.events import TABLES
from pitwall.ml.data.calendar import Race, find_race

VISITS = 3  # races at a circuit that make its usual distance, as in the groups of laps
NEEDED = ("races", "results", "drivers", "constructors", "entries", "grid")  # whatever the models read


@dataclass(frozen=True)
class Who:
    """A car of the race: what people call it."""

    driver: str
    name: str
    team: str


@dataclass(frozen=True)
class LiveRace:
    """A race that is about to be followed.

    Attributes:
        race: of the calendar.
        before: tables as known at its start, without what is told live.
        who: by driver id.
        starters: driver ids in the order of the grid.
        distance: laps that the race is expected to have; None at a circuit that is new.
    """

    race: Race
    before: Tables
    who: Mapping[int, Who]
    starters: tuple[int, ...]
    distance: int | None

    @cached_property
    def alone(self) -> Tables:
        """The tables with the rows of this race and of none before it, which is what rows to be asked about are made of."""
        return Tables(
            {
                name: frame[frame["race_id"] == self.race.race_id] if "race_id" in frame else frame
                for name, frame in self.before.items()
            }
        )

    def stamp(self, seconds: float) -> pd.Timestamp:
        """Return an instant of the race clock in UTC, to the millisecond of the feed."""
        return self.race.starts_at + pd.Timedelta(round(seconds * 1000), unit="ms")


def live_race(tables: Tables, label: str) -> LiveRace:
    """Return what is known of a race as it starts; nothing that became public later is kept.

    Args:
        tables: canonical tables with all versions: `NEEDED`, and what the models read.
        label: e.g. 2023-12.

    Raises:
        UsageError: the label has another form.
        UnknownName: there is no such race.
    """
    race = find_race(tables, label, Stage.PRE_RACE)
    known = view_at(Tables({name: tables[name] for name in tables if name not in TABLES}), race.starts_at)
    before = Tables({name: _public(frame, race.starts_at) for name, frame in known.items()})
    laps = usual_distance(before, VISITS).get(race.race_id)
    starters = _starters(before, race)
    return LiveRace(race, before, _who(before, race, starters), starters, None if pd.isna(laps) else round(laps))


def _public(frame: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    return frame[frame["known_at"] <= instant].reset_index(drop=True)


def _who(before: Tables, race: Race, starters: Collection[int]) -> dict[int, Who]:
    """Return everybody by id, with the team of this race where that is told; by reference where a code is not one starter's alone."""
    entries = before["entries"]
    own = entries[entries["race_id"] == race.race_id].set_index("driver_id")["constructor_id"]
    teams = before["constructors"].set_index("constructor_id")["name"]
    codes = Counter(before["drivers"].loc[before["drivers"]["driver_id"].isin(starters), "code"].dropna())
    found = {}
    for row in before["drivers"].itertuples():
        driver = int(row.driver_id)
        called = str(row.ref) if pd.isna(row.code) or codes[row.code] > 1 else str(row.code)
        found[driver] = Who(called, str(row.name), str(teams.get(own.get(driver), "")))
    return found


def _starters(before: Tables, race: Race) -> tuple[int, ...]:
    grid, entries = (frame[frame["race_id"] == race.race_id] for frame in (before["grid"], before["entries"]))
    ordered = list(grid.sort_values(["grid", "driver_id"])["driver_id"])
    return tuple(int(driver) for driver in [*ordered, *sorted(set(entries["driver_id"]) - set(ordered))])


def tables_needed(reads: Iterable[str]) -> list[str]:
    """Return which canonical tables following a race takes, beside those that it is told live."""
    return sorted({*NEEDED, *reads} - set(TABLES))
