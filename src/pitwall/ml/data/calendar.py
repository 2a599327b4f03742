"""Which race is meant: the next one, the last one, or `2024-24` (season and round)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.ml.data.overdue import overdue_days

READS = ("races", "results", "grid", "qualifying", "practice")  # what says which race is the next one
_ESTIMATED = {
    "practice_at": "practice_estimated",
    "qualifying_at": "qualifying_estimated",
    "starts_at": "start_estimated",
}
LABEL = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True)
class Race:
    """A race of the calendar with the cut-off of one stage.

    Attributes:
        run: whether it has results.
        cutoffs: of every stage before the race.
        assumed: the stages whose cut-off is assumed, as the calendar has no time for it.
        overdue: what must be said of missing results: its own, or those of a race that it follows in their place.
    """

    race_id: int
    season: int
    round: int
    name: str
    circuit_id: int
    starts_at: pd.Timestamp
    cutoff: pd.Timestamp
    run: bool
    cutoffs: Mapping[str, pd.Timestamp]
    assumed: frozenset[str]
    overdue: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return season and round, e.g. 2024-24."""
        return f"{self.season}-{self.round:02d}"

    def at(self, stage: str) -> Race:
        """Return the race with the cut-off of another stage."""
        return replace(self, cutoff=self.cutoffs[stage])


def next_race(tables: Tables, stage: str, params: Params | None = None, now: datetime | None = None) -> Race | None:
    """Return the first race without results that starts after every race with results; None if there is none.

    A race that was cancelled stays in the calendar without results for ever; races behind it have run, so it is past. So is one
    whose results are overdue by more than `gates.overdue_days`, unless no other race is left: then it is the one that data so old
    can be asked about. Without `params` the default limits hold. With `now`, the instant of a replay, only what was public then is looked
    at, and a race that has started is past.
    """
    params, tables = params or Params(), tables.known(now)
    calendar = _calendar(tables)
    last = calendar.loc[calendar["run"], "starts_at"].max()
    ahead = calendar[~calendar["run"] & ~(calendar["starts_at"] < last)]
    if ahead.empty:
        return None
    days = overdue_days(tables, ahead["starts_at"], params.time)
    over = days > params.gates.overdue_days
    missing = [
        f"the results of {_race(row, stage).label} have been overdue for {days[index]:.0f} days: ingest again"
        for index, row in ahead[over].iterrows()
    ]
    coming = ahead if over.all() else ahead[~over]
    coming = coming if now is None else coming[coming["starts_at"] > now]
    if coming.empty:
        return None
    race = _race(coming.iloc[0], stage)
    return replace(race, overdue=tuple(missing[:1] if over.all() else missing))


def last_race(tables: Tables, stage: str) -> Race:
    """Return the newest race with results.

    Raises:
        ForecastError: no race was run.
    """
    calendar = _calendar(tables)
    if not calendar["run"].any():
        raise ForecastError("the data hold no race with results; ingest some first: `pitwall run race-weekend`.")
    return _race(calendar[calendar["run"]].iloc[-1], stage)


def run_races(tables: Tables) -> list[Race]:
    """Return the races with results, oldest first, each with the cut-off of its start."""
    calendar = _calendar(tables)
    return [_race(row, Stage.PRE_RACE) for _, row in calendar[calendar["run"]].iterrows()]


def find_race(tables: Tables, label: str, stage: str) -> Race:
    """Return the race of a label such as 2024-24.

    Raises:
        UsageError: the label has another form.
        UnknownName: there is no such race; offers the nearest known one.
    """
    match = LABEL.fullmatch(label.strip())
    if match is None:
        raise UsageError(f"a race is named by season and round, e.g. 2024-24; found {label!r}.")
    season, number = int(match[1]), int(match[2])
    calendar = _calendar(tables)
    found = calendar[(calendar["season"] == season) & (calendar["round"] == number)]
    if found.empty:
        near = calendar[calendar["season"] == season]
        shown = near if len(near) else calendar.tail(30)
        raise UnknownName("race", label, [f"{row.season}-{row.round:02d}" for row in shown.itertuples()])
    return _race(found.iloc[0], stage)


def races_between(tables: Tables, first: tuple[int, int], last: tuple[int, int]) -> list[Race]:
    """Return the races from one (season, round) to another one, both included, in that order; each with the cut-off of its start."""
    calendar = _calendar(tables).sort_values(["season", "round"], ignore_index=True)
    found = [_race(row, Stage.PRE_RACE) for _, row in calendar.iterrows()]
    return [race for race in found if first <= (race.season, race.round) <= last]


def _calendar(tables: Tables) -> pd.DataFrame:
    newest = tables.only("races", "results").as_of()
    races = newest["races"]
    return races.assign(run=races["race_id"].isin(newest["results"]["race_id"])).sort_values(
        ["starts_at", "season", "round"], ignore_index=True
    )


def _race(row: pd.Series, stage: str) -> Race:
    return Race(
        race_id=int(row["race_id"]),
        season=int(row["season"]),
        round=int(row["round"]),
        name=str(row["name"]),
        circuit_id=int(row["circuit_id"]),
        starts_at=row["starts_at"],
        cutoff=row[CUTOFF_COLUMN[Stage(stage)]],
        run=bool(row["run"]),
        cutoffs={each.value: row[column] for each, column in CUTOFF_COLUMN.items()},
        assumed=frozenset(each.value for each, column in CUTOFF_COLUMN.items() if row[_ESTIMATED[column]]),
    )
