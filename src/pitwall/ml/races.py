"""Which race is meant: the next one, the last one, or `2024-24` (season and round)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage

LABEL = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True)
class Race:
    """A race of the calendar with the cut-off of one stage; `run` says whether it has results."""

    race_id: int
    season: int
    round: int
    name: str
    circuit_id: int
    starts_at: pd.Timestamp
    cutoff: pd.Timestamp
    run: bool

    @property
    def label(self) -> str:
        """Return season and round, e.g. 2024-24."""
        return f"{self.season}-{self.round:02d}"


def next_race(tables: Tables, stage: str) -> Race | None:
    """Return the first race without results that starts after every race with results; None if there is none.

    A race that was cancelled stays in the calendar without results for ever; races behind it have run, so it is past.
    """
    calendar = _calendar(tables)
    last = calendar.loc[calendar["run"], "starts_at"].max()
    ahead = calendar[~calendar["run"] & ~(calendar["starts_at"] < last)]
    return None if ahead.empty else _race(ahead.iloc[0], stage)


def last_race(tables: Tables, stage: str) -> Race:
    """Return the newest race with results.

    Raises:
        ForecastError: no race was run.
    """
    calendar = _calendar(tables)
    if not calendar["run"].any():
        raise ForecastError("the data hold no race with results; ingest some first: `pitwall run race-weekend`.")
    return _race(calendar[calendar["run"]].iloc[-1], stage)


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
    )
