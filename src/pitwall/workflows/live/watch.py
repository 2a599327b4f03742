"""Follow a race: a feed is read, events become state, and an answer comes out each time the leader has ended a lap.

`prepare` gathers what the project knows and who answers; `watch` yields. A file of state makes a session one that a kill does not end: its
events are read again, and what was told is not told twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import Stage
from pitwall.features import feature_sets
from pitwall.live.answer import LiveAnswer
from pitwall.live.control import Control, paced
from pitwall.live.events import TABLES, Event, Item
from pitwall.live.features import LiveFeatures
from pitwall.live.feeds import Feed, Wanted, feed
from pitwall.live.follow import Follower
from pitwall.live.intake import taken
from pitwall.live.journal import Journal, digest
from pitwall.live.race import LiveRace, live_race, tables_needed
from pitwall.live.state.rounds import PER_LAP, check_every
from pitwall.live.voices import Voice, live_models
from pitwall.ml.data.calendar import READS, next_race, run_races
from pitwall.workflows.live.panel import groups_of, panel, stored_rows
from pitwall.workflows.workspace import Workspace

__all__ = ["Control", "Prepared", "coming", "prepare", "races_with_laps", "watch"]


@dataclass(frozen=True)
class Prepared:
    """A race that is ready to be followed.

    Attributes:
        race: what is known of it before.
        told: its live tables as the project has them, all versions.
        voices: who answers.
        features: of the race.
        notes: that every answer carries.
    """

    race: LiveRace
    told: Mapping[str, pd.DataFrame]
    voices: Sequence[Voice]
    features: LiveFeatures
    notes: tuple[str, ...] = ()


def prepare(workspace: Workspace, race: str, models: Sequence[str] = (), beside: Sequence[str] = ()) -> Prepared:
    """Gather what the project knows of a race before it starts, and who answers during it.

    Args:
        workspace: of the project.
        race: label, e.g. 2023-12.
        models: that answer; all that answer within races when empty.
        beside: of them, those whose rule to beat is asked, too.

    Raises:
        UnknownName: there is no such race or model.
        TableError, FeatureError: tables or features are not made yet.
    """
    project = workspace.project
    found = live_race(load_tables(project.tables, _tables(models)), race)
    own = [("race_id", "==", found.race.race_id)]
    told = {name: pd.read_parquet(project.tables / f"{name}.parquet", filters=own) for name in TABLES}
    who = panel(workspace, found, models, beside)
    features = LiveFeatures(
        groups_of(who.voices), found.before, workspace.params, lambda group: stored_rows(workspace, group)
    )
    return Prepared(found, told, who.voices, features, tuple(who.notes))


def _tables(models: Sequence[str]) -> list[str]:
    """Return the tables that rows and features of models may be made of."""
    defined = [each for name, each in live_models().items() if not models or name in models]
    groups = [group for each in defined for group in feature_sets()[each.feature_set]]
    reads = {name for group in groups if "race" in group.entities for name in group.reads}
    return tables_needed(reads | {name for each in defined for name in each.kind.reads})


def watch(
    workspace: Workspace,
    *,
    source: str = "replay",
    race: str | None = None,
    speed: float | None = None,
    every: str = PER_LAP,
    state: Path | None = None,
    control: Control | None = None,
    location: str | None = None,
    models: Sequence[str] = (),
    beside: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Iterator[LiveAnswer]:
    """Follow a race and yield an answer each time its leader has ended a lap, a revised one where a late correction changes it.

    Args:
        workspace: of the project.
        source: a feed: `replay`, `synthetic`, `openf1`, `recorded`.
        race: label, e.g. 2023-12; of a feed of coming races the next one when None.
        speed: of a race that was driven, seconds per second; None for as fast as it goes.
        every: `per_lap` or `per_sector`.
        state: a file that keeps what was heard and told; where it exists the session goes on from it.
        control: pauses, seeks and stops the session, from any thread.
        location: an address or a file, for feeds that need one.
        models: that answer; all that answer within races when empty.
        beside: of them, those whose rule to beat is asked, too; its answers are named `QUESTION.baseline`.
        options: further settings of the feed.

    Raises:
        UnknownName: there is no such feed, race, model or frequency.
        LiveError: the feed has no such race.
    """
    chosen, hand = feed(source), control or Control(speed)
    check_every(every)
    label = race or coming(workspace, chosen)
    prepared = prepare(workspace, label, models, beside)
    wanted = Wanted(prepared.race, prepared.told, workspace.params, workspace.project, location, options or {})
    session = _Session(workspace, prepared, chosen, wanted, hand, every, state)
    return session.answers()


def coming(workspace: Workspace, chosen: Feed) -> str:
    """Return the label of the race that a feed of coming races tells.

    Raises:
        UsageError: the feed tells no such races, or the data hold none.
    """
    if not chosen.open_ended:
        raise UsageError(
            f"the source {chosen.name} needs a race; name one, e.g. --race 2023-12 (`pitwall live races` lists them)."
        )
    found = next_race(load_tables(workspace.project.tables, list(READS)), Stage.PRE_RACE, workspace.params)
    if found is None:
        raise UsageError("the data hold no race to come; name one with --race.")
    return found.label


def races_with_laps(workspace: Workspace) -> list[tuple[str, str]]:
    """Return label and name of the races that can be replayed, newest first."""
    tables = load_tables(workspace.project.tables, ["races", "results"])
    laps = pd.read_parquet(workspace.project.tables / "laps.parquet", columns=["race_id"])
    own = set(laps["race_id"].unique())
    return [(race.label, race.name) for race in reversed(run_races(Tables(dict(tables)))) if race.race_id in own]


@dataclass
class _Session:
    """One session: a follower, its feed, and the file of its state."""

    workspace: Workspace
    prepared: Prepared
    feed: Feed
    wanted: Wanted
    hand: Control
    every: str
    state: Path | None

    def answers(self) -> Iterator[LiveAnswer]:
        """Yield answers until the feed has ended, or the hand stops the session."""
        sought: int | None = None
        while True:
            yield from self._once(sought)
            if (sought := self.hand.sought()) is None or self.hand.stopped:
                return

    def _once(self, sought: int | None) -> Iterator[LiveAnswer]:
        """Follow the race from its beginning; laps before one that is sought are not told."""
        race = self.prepared.race.race.label
        journal = Journal(self.state, race, self.feed.name) if self.state and sought is None else None
        follower = self._follower(journal)
        try:
            for items in self._items(sought, follower):
                if journal:
                    journal.hear(each for each in items if isinstance(each, Event))
                    journal.flush()
                follower.take(items)
                yield from self._told(follower, journal, sought)
                if self.feed.by_itself or self.hand.speed:
                    follower.prepare()
                if self.hand.stopped or self.hand.seeking:
                    return
        finally:
            if journal:
                journal.close()

    def _told(self, follower: Follower, journal: Journal | None, sought: int | None) -> Iterator[LiveAnswer]:
        for answer in follower.due(newest_only=self.feed.by_itself or bool(self.hand.speed)):
            if sought is None or answer.lap >= sought:
                yield answer
            if journal:
                for (lap, sector), asked in follower.fresh():
                    journal.tell(lap, sector, asked.revision, digest(asked.said))

    def _follower(self, journal: Journal | None) -> Follower:
        made = self.prepared
        heard = journal.heard if journal else None
        follower = Follower(
            made.race,
            made.voices,
            made.features,
            self.workspace.params.live,
            self.feed.name,
            self.every,
            made.notes,
            told=heard.told if heard else {},
        )
        follower.take(heard.events if heard else [])
        return follower

    def _items(self, sought: int | None, follower: Follower) -> Iterator[Sequence[Item]]:
        """Yield what the feed tells, in portions: everything before a lap that is sought at once, then at the hand's pace."""
        items = self.feed.open(self.wanted)
        if sought is not None:
            yield list(_until(items, follower, sought))
        if self.feed.by_itself:
            yield from taken(items, self.workspace.params.live.queue, self.hand)
        else:
            yield from ([item] for item in paced(items, self.hand))


def _until(items: Iterator[Item], follower: Follower, lap: int) -> Iterator[Item]:
    """Yield items until the leader has completed a lap and the watermark has passed it."""
    crossed = math.inf
    for item in items:
        yield item
        if isinstance(item, Event):
            if item.kind == "lap" and item.key["lap"] >= lap:
                crossed = min(crossed, item.at_s)
            if item.at_s - crossed >= follower.settings.lateness_s:
                return
