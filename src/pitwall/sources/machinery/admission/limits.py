"""Refuse a fetched snapshot of which too much would be set aside: it was damaged or exported in a form that is not understood.

A few broken lines go to the quarantine and are counted. What is refused: too large a share of a table's lines of one season
(`ingest.max_set_aside`; one line is always allowed), a whole race, more than two cars of one race, or lines of results that are
mostly cars that did not finish, because a model of survivors looks excellent and forecasts badly.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.params import IngestParams, TimeParams
from pitwall.sources.machinery.admission.refusal import Excess, refusal
from pitwall.sources.machinery.admission.set_aside import Lines, is_place, read_lines
from pitwall.sources.machinery.snapshots.store import Snapshot

CARS = 2  # of one race
FEW = 5  # lines set aside, below which their share of non-finishers says nothing
TIMES = 2  # as many non-finishers among them as in the season


def check_limits(
    snapshot: Snapshot, limits: IngestParams, time: TimeParams, calendar: Snapshot | None = None
) -> dict[str, int]:
    """Return how many lines a fetched snapshot will set aside, by table and reason.

    Args:
        snapshot: as fetched, before it is kept.
        limits: `ingest` of params.yaml.
        time: the time rules.
        calendar: the newest snapshot of results, for a source of laps.

    Raises:
        SourceError: too much would be set aside; says the table, the column, what was found, examples, and what to do.
    """
    lines = read_lines(snapshot, time, calendar)
    found = list(excesses(lines, limits.max_set_aside))
    if found:
        raise SourceError(refusal(found, lines, snapshot.location))
    return lines.reasons


def excesses(lines: Lines, share: float) -> Iterator[Excess]:
    """Give every limit that is exceeded, table by table in the order in which they are read: causes come first."""
    kept = _kept(lines)
    for table, aside in lines.aside.groupby("table", sort=False):
        there = kept[kept["table"] == table]
        yield from _shares(str(table), aside, there, share)
        yield from _whole_races(str(table), aside, there)
        yield from _cars(str(table), aside, there)
        if table == "results":
            yield from _survivors(aside, there.assign(out=there["race"].map(lines.unfinished)))


def _kept(lines: Lines) -> pd.DataFrame:
    rows = [(table, race, car, count) for (table, race, car), count in lines.kept.items()]
    kept = pd.DataFrame(rows, columns=["table", "race", "car", "lines"]).astype({"race": object, "car": object})
    return kept.assign(season=kept["race"].map(lines.seasons))


def _shares(table: str, aside: pd.DataFrame, kept: pd.DataFrame, share: float) -> Iterator[Excess]:
    for season, lines in aside.groupby("season", dropna=False):
        whole = pd.isna(season)  # lines that tell no season count against the table as a whole
        all_lines = len(aside if whole else lines) + int(
            (kept if whole else kept[kept["season"] == season])["lines"].sum()
        )
        if len(lines) > (max(1, share * all_lines) if share else 0):
            of = "" if whole else f" of {season:.0f}"
            part = f"{len(lines):,} of {all_lines:,} lines{of} ({len(lines) / all_lines:.1%})"
            limit = f"at most {share:.1%} may be (ingest.max_set_aside in params.yaml)"
            yield Excess(table, "seasons", f"{part} would be set aside; {limit}", lines)


def _whole_races(table: str, aside: pd.DataFrame, kept: pd.DataFrame) -> Iterator[Excess]:
    lost = aside[~aside["race"].isin(kept["race"])]
    if table == "races" and len(lost):  # a line is a race, also one that does not tell its id
        names = ", ".join(_named(race, lines) for race, lines in lost.groupby("race"))
        yield Excess(table, "races", f"{len(lost)} race(s) would be set aside{f' ({names})' if names else ''}", lost)
        return
    for race, lines in lost.groupby("race"):
        if len(lines) > 1:
            yield Excess(table, "races", f"all lines of the race {_named(race, lines)} would be set aside", lines)


def _cars(table: str, aside: pd.DataFrame, kept: pd.DataFrame) -> Iterator[Excess]:
    if not kept["car"].notna().any() and not aside["car"].notna().any():
        return
    for race, lines in aside[aside["race"].notna()].groupby("race"):
        there = kept.loc[kept["race"] == race, "car"]
        lost = lines[~lines["car"].isin(there)]
        cars = lost["car"].nunique() + int(lost["car"].isna().sum())
        if cars > CARS and len(there):
            what = f"{cars} cars of the race {_named(race, lines)} would be set aside; at most {CARS} may be"
            yield Excess(table, "races with lost cars", what, lost)


def _survivors(aside: pd.DataFrame, kept: pd.DataFrame) -> Iterator[Excess]:
    """Give the seasons, and all of them together, in which mostly non-finishers would be set aside."""
    out = aside.assign(out=[not _finished(row) for row in aside["row"]])
    for season, lines in [*out.groupby("season"), (None, out)]:
        there = kept if season is None else kept[kept["season"] == season]
        all_out = int(there.drop_duplicates("race")["out"].sum()) + int(lines["out"].sum())
        usual = all_out / (int(there["lines"].sum()) + len(lines))
        if len(lines) >= FEW and lines["out"].mean() > TIMES * usual:
            of = "" if season is None else f" of {season:.0f}"
            what = (
                f"{lines['out'].mean():.0%} of the {len(lines)} lines{of} that would be set aside are cars that did not finish, "
                f"against {usual:.0%} of all: what is left would be a history of survivors"
            )
            yield Excess("results", "seasons", what, lines)


def _finished(row: dict[str, str | None]) -> bool:
    return is_place(row.get("positionText") or row.get("position"))


def _named(race: int, lines: pd.DataFrame) -> str:
    season = lines["season"].iloc[0]
    return f"{race}" if pd.isna(season) else f"{race} ({season:.0f})"
