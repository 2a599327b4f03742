"""Make the canonical tables from the snapshots of one world: read, clean, shape, stamp, version.

First those of the source of results, which bring the calendar and all ids; then those of the sources of laps and of users' files.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TeamName, TimeParams
from pitwall.domain.tables import SPECS, empty_table
from pitwall.sources.machinery.canonical.calendar import (
    CALLED_OFF,
    TAKEN_BACK,
    Calendar,
    broken_seasons,
    called_off,
    labels,
    with_called_off,
    without_lines,
    without_races,
)
from pitwall.sources.machinery.canonical.corrections import apply_corrections, with_corrections
from pitwall.sources.machinery.canonical.dump import clean_dump
from pitwall.sources.machinery.canonical.entry_lists import LISTS, NO_LONGER_ENTERED, no_longer_entered
from pitwall.sources.machinery.canonical.laps import World, lap_tables
from pitwall.sources.machinery.canonical.shape import corrected_results, shape
from pitwall.sources.machinery.canonical.stamps import restamp, stamp, stamp_corrections
from pitwall.sources.machinery.canonical.users.names import Paddock
from pitwall.sources.machinery.canonical.users.tables import user_tables
from pitwall.sources.machinery.comparing.precedence import Decided, Other, blend
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import Snapshot
from pitwall.sources.machinery.snapshots.versions import add_snapshot

STRANGER = "another source's race, driver or team that is not here"


@dataclass(frozen=True)
class TableBuild:
    """The canonical tables with all versions of their rows, the rows set aside, and a count per table.

    `counts` has one row per table: rows (versions included), corrected, gone (absent from the newest snapshot). `assumed`
    counts optional values of the newest snapshots that were not given or not usable, by what they were read as. `called_off`
    names races by label, `decided` which tables and seasons another source gave.
    """

    tables: Mapping[str, pd.DataFrame]
    quarantine: pd.DataFrame
    counts: pd.DataFrame
    assumed: Mapping[str, int] = field(default_factory=dict)
    called_off: Mapping[str, str] = field(default_factory=dict)
    decided: Sequence[Decided] = ()


def build_tables(
    snapshots: Sequence[Snapshot],
    time: TimeParams,
    laps: Sequence[Snapshot] = (),
    teams: Mapping[str, TeamName] | None = None,
    beside: Sequence[Other] = (),
) -> TableBuild:
    """Build every canonical table from the snapshots of one world, oldest first.

    Args:
        snapshots: of the source of results.
        time: the time rules.
        laps: snapshots of sources of laps of the same races, and of users' files; those of results may hold laps as well. Without
            any the tables of these are empty.
        teams: names of teams that the shipped list of renames lacks.
        beside: other sources, and the tables and seasons that they decide.

    Raises:
        SourceError: there is no snapshot of results.
    """
    if not snapshots:
        raise SourceError("there is no raw snapshot to make tables from; fetch one with `dvc repro ingest`.")
    build = _Build(time)
    assumed: dict[str, int] = {}
    for snapshot in _oldest_first(snapshots):
        bad = Quarantine(snapshot.name)
        dump = clean_dump(snapshot, bad)
        shaped = shape(dump, time, teams or {})
        made = stamp(shaped, time)
        made["races"] = build.follow_calendar(snapshot, shaped["races"], made, bad)
        build.add_dump(snapshot, made, stamp_corrections(corrected_results(dump), made["results"]), bad)
        assumed = dict(bad.assumed)
    for snapshot in _oldest_first([*laps, *(each for each in snapshots if each.paths("laps"))]):
        bad = Quarantine(snapshot.name)
        if snapshot.role == "user":
            build.add(snapshot, build.of_user(snapshot, bad), bad)
            assumed |= bad.assumed
            continue
        laps_made = lap_tables(snapshot, build.world(snapshot.fetched_at), bad)
        build.claim(snapshot.source, laps_made.tables["laps"])
        build.add(snapshot, laps_made.tables, bad)
        assumed |= laps_made.assumed
    build.decide(beside)
    return build.finished(assumed)


def _oldest_first(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    return sorted(snapshots, key=lambda each: each.fetched_at)


class _Build:
    """The tables as they grow, snapshot by snapshot."""

    def __init__(self, time: TimeParams) -> None:
        self._time, self._calendar = time, Calendar()
        self._tables = {name: empty_table(name) for name in SPECS}
        self._aside: list[pd.DataFrame] = []
        self._decided: list[Decided] = []
        self._laps_of: dict[int, str] = {}
        self._corrected, self._gone = dict.fromkeys(SPECS, 0), dict.fromkeys(SPECS, 0)

    def add(self, snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], bad: Quarantine) -> None:
        """Add the tables of one snapshot and what it set aside."""
        for name, frame in frames.items():
            self._tables[name], counts = add_snapshot(name, self._tables[name], frame, snapshot.fetched_at)
            self._corrected[name] += counts["changed"]
            self._gone[name] = counts["gone"]
        self._aside.append(bad.frame())

    def follow_calendar(
        self, snapshot: Snapshot, shaped: pd.DataFrame, made: Mapping[str, pd.DataFrame], bad: Quarantine
    ) -> pd.DataFrame:
        """Learn when the races of a dump take place; return them and those that it calls off."""
        self._set_aside(snapshot.accepted_removals, TAKEN_BACK)
        self._calendar.learn(shaped)
        run = {*self._tables["results"]["race_id"], *made["results"]["race_id"]}
        broken = broken_seasons(bad.frame())
        return with_called_off(self._tables["races"], made["races"], run, broken, snapshot.accepted_removals)

    def add_dump(
        self, snapshot: Snapshot, frames: Mapping[str, pd.DataFrame], corrections: pd.DataFrame, bad: Quarantine
    ) -> None:
        """Add the tables of one dump and the dated corrections that it tells, of lines known before and of new ones."""
        run = {*self._tables["results"]["race_id"], *frames["results"]["race_id"]}
        for name in LISTS:
            gone = no_longer_entered(self._tables[name], frames[name], run)
            self._tables[name] = without_lines(name, self._tables[name], gone, NO_LONGER_ENTERED, bad)
        self._correct(corrections)
        told = with_corrections(frames["results"], corrections, self._tables["results"])
        self.add(snapshot, {**frames, "results": told}, bad)
        self._correct(corrections)

    def _correct(self, corrections: pd.DataFrame) -> None:
        self._tables["results"], added = apply_corrections(self._tables["results"], corrections)
        self._corrected["results"] += added

    def world(self, instant: datetime) -> World:
        """Return what laps fetched at an instant refer to."""
        return World.at(self._tables, instant)

    def claim(self, source: str, laps: pd.DataFrame) -> None:
        """Note whose laps a race has.

        Raises:
            SourceError: another source has brought laps of it: which of them counts must be said.
        """
        for race_id in sorted(set(laps["race_id"])):
            owner = self._laps_of.setdefault(race_id, source)
            if owner != source:
                both = sum(self._laps_of.get(each, source) != source for each in set(laps["race_id"]))
                raise SourceError(
                    f"{owner} and {source} both bring laps of the same races ({both} of them); let one stand beside the other: `pitwall data use "
                    f"{source} --beside compare`, or with the seasons that it decides, `--beside 'laps 2023:'`."
                )

    def of_user(self, snapshot: Snapshot, bad: Quarantine) -> dict[str, pd.DataFrame]:
        """Return the tables of a user's files, stamped by the calendar that is known now."""
        made = user_tables(snapshot, Paddock.of(self._tables), bad)
        return {name: restamp(name, rows, self._calendar.instants, self._time) for name, rows in made.items()}

    def decide(self, beside: Sequence[Other]) -> None:
        """Let other sources decide what their rules say; rows of theirs that belong to nothing here are set aside."""
        made = blend(self._tables, beside)
        self._tables, self._decided = made.tables, made.decided
        aside = Quarantine("sources beside")
        for name, rows in made.lost.items():
            aside.add(name, STRANGER, json.loads(rows.to_json(orient="records", date_format="iso")))
        self._aside.append(aside.frame())

    def finished(self, assumed: Mapping[str, int]) -> TableBuild:
        """Return the build with its counts, every row stamped by the start of its race that is known now."""
        instants = self._calendar.instants
        self._tables["races"] = self._calendar.timed(self._tables["races"])
        for name, versions in self._tables.items():
            self._tables[name] = restamp(name, versions, instants, self._time)
        off = called_off(self._tables["races"])
        self._set_aside(off["race_id"], CALLED_OFF)
        summary = [(name, len(self._tables[name]), self._corrected[name], self._gone[name]) for name in SPECS]
        columns = ["table", "rows", "corrected", "gone"]
        return TableBuild(
            self._tables,
            self._quarantine(),
            pd.DataFrame(summary, columns=columns),
            assumed,
            labels(off),
            tuple(self._decided),
        )

    def _set_aside(self, races: Collection[int], reason: str) -> None:
        """Set aside what was published of the weekends of some races."""
        aside = Quarantine("every snapshot")
        self._tables = without_races(self._tables, races, reason, aside)
        self._aside.append(aside.frame())

    def _quarantine(self) -> pd.DataFrame:
        """Return what was set aside; a row that several snapshots hold once, one that a snapshot holds twice twice."""
        row = ["table", "reason", "row"]
        counted = [aside.assign(turn=aside.groupby(row).cumcount()) for aside in self._aside]
        return pd.concat(counted).drop_duplicates([*row, "turn"]).drop(columns="turn").reset_index(drop=True)
