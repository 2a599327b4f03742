"""Which of two sources decides: by table and season, as the setting `beside` of the other one says.

A source with `beside` stands beside the one that the project lives on: it is fetched and compared. It decides nothing (`beside: compare`), or
the tables and seasons that the setting lists: `practice, pit_stops 2018:2020`. There its rows take the place of all rows of those seasons, never
of single ones, so that (table, season) says which source a row is from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.tables import SPECS, Tables
from pitwall.sources.machinery.comparing.matching import match

COMPARE = "compare"
GROUPS: dict[str, tuple[str, ...]] = {
    "results": ("results", "entries", "grid"),
    "laps": ("laps", "start_tyres", "weather", "track_status", "session_status"),
    **{name: (name,) for name in ("qualifying", "practice", "sprints", "pit_stops", "lap_times", "driver_standings")},
    "constructor_standings": ("constructor_standings",),
}
_RULE = re.compile(r"(?P<table>\w+)(?: +(?P<first>\d{4})?:(?P<last>\d{4})?| +(?P<only>\d{4}))?")
FIRST, LAST = 1950, 2100


@dataclass(frozen=True)
class Rule:
    """A table of `GROUPS` and the seasons in which a source decides it."""

    table: str
    first: int
    last: int


@dataclass(frozen=True)
class Other:
    """A source that stands beside: its rules, and its tables with all versions."""

    source: str
    rules: Sequence[Rule]
    tables: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Decided:
    """What another source decided: a table and season, rows that it gave and rows whose place they took.

    It decides nothing of a season of which it `lacks` races that are here: a release that comes late must not take the newest races away.
    """

    table: str
    season: int
    source: str
    rows: int
    instead_of: int
    lacks: int = 0


@dataclass
class Blend:
    """Tables of which others decided some, who decided what, and rows that could not be placed, by table."""

    tables: dict[str, pd.DataFrame]
    decided: list[Decided] = field(default_factory=list)
    lost: dict[str, pd.DataFrame] = field(default_factory=dict)


def rules(source: str, text: str) -> tuple[Rule, ...]:
    """Return what a setting `beside` says.

    Args:
        source: for messages.
        text: `compare`, or tables with seasons: `practice, pit_stops 2018:2020, laps 2023:`.

    Raises:
        UsageError: it does not read.
        UnknownName: there is no such table.
    """
    found = []
    for part in (part.strip() for part in text.split(",")):
        if part == COMPARE:
            continue
        read = _RULE.fullmatch(part)
        if read is None:
            raise UsageError(
                f"params.yaml: sources.{source}.beside: {part!r} does not read; write `{COMPARE}`, or tables with the seasons in which {source} "
                "decides, like `practice, pit_stops 2018:2020`."
            )
        if read["table"] not in GROUPS:
            raise UnknownName("table that a source can decide", read["table"], [COMPARE, *GROUPS])
        only = int(read["only"] or 0)
        found.append(Rule(read["table"], only or int(read["first"] or FIRST), only or int(read["last"] or LAST)))
    return tuple(found)


def blend(ours: Mapping[str, pd.DataFrame], others: Sequence[Other]) -> Blend:
    """Return tables in which other sources decide what their rules say; of two rules for one table and season the later source's counts.

    Args:
        ours: the tables of the source that the project lives on, with all versions.
        others: the sources beside it.
    """
    made = Blend(dict(ours))
    for other in others:
        if not other.rules:
            continue
        found = match(Tables(ours).as_of(), Tables(other.tables).as_of())
        calendar = ours["races"].drop_duplicates("race_id", keep="last").set_index("race_id")["season"]
        for rule in other.rules:
            for name in GROUPS[rule.table]:
                theirs = other.tables[name]
                placed = found.here(theirs)
                if len(lost := theirs[~theirs.index.isin(placed.index)]):
                    made.lost[name] = lost
                season = placed["race_id"].map(calendar)
                theirs = placed[season.between(rule.first, rule.last)]
                _decide(made, name, theirs, calendar, other.source)
    return made


def _decide(made: Blend, name: str, theirs: pd.DataFrame, calendar: pd.Series, source: str) -> None:
    """Put another source's rows in the place of those of the same seasons."""
    given, before, spec = theirs["race_id"].map(calendar), made.tables[name], SPECS[name]
    was = before["race_id"].map(calendar)
    whole = set()
    for season in sorted(set(given)):
        lacks = len(set(before.loc[was == season, "race_id"]) - set(theirs.loc[given == season, "race_id"]))
        whole |= set() if lacks else {season}
        rows = 0 if lacks else int((given == season).sum())
        made.decided.append(Decided(name, int(season), source, rows, int((was == season).sum()), lacks))
    joined = pd.concat([before[~was.isin(whole)], theirs.loc[given.isin(whole), spec.all_columns]], ignore_index=True)
    made.tables[name] = joined.astype({**spec.columns, "known_estimated": "bool"})
