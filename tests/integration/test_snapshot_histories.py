"""Whatever a source does to a season between two snapshots: no row knows its own race, and what was said before stays.

Hypothesis plays the source. After each step the dump is fetched, vetted, kept and built into tables, features and frames.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.domain.when import hours
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.ml.rows import row_kind
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.machinery.snapshots.store import snapshots
from pitwall.sources.machinery.stage import ingest
from pitwall.testing.fakes.snapshots import cleaned_once
from pitwall.testing.worlds.histories import as_bytes
from pitwall.testing.worlds.season import CARS, Season

pytestmark = pytest.mark.slow

STAGES = ("pre_weekend", "pre_race")
NULLS = ("\\N", "", "NA", "NULL", "nan", "None")
FILES = {"results": "results", "qualifying": "qualifying", "practice": "practice", "pit_stops": "pit_stops"}
# own sessions, states of drivers and of circuits, and ratings that read the calendar's instants
GROUPS = ("session", "driver_form", "circuit_history", "driver_rating")
EXAMPLES = int(
    os.environ.get("PITWALL_HISTORIES", "0")
)  # for whoever has an hour, or looks for a cause: drawn anew, and shrunk
PLANNED = st.integers(0, 3)
RUN = st.integers(0, 3)


@pytest.fixture(scope="module", autouse=True)
def inspected_in_process() -> Iterator[None]:
    """Inspect files here, and clean each snapshot once: a process per fetch, and all snapshots again per step, would take longer than the rest."""
    with pytest.MonkeyPatch.context() as patch, cleaned_once():
        patch.setattr(store, "inspect_folder", inspect.inspect)
        yield


def frames_of(tables: Tables) -> dict[str, pd.DataFrame]:
    """Return the frame of each stage, joined with a feature group of each kind."""
    params, made, chosen = Params(), {}, [groups()[name] for name in GROUPS]
    built = {group.name: build_group(group, tables, params) for group in chosen}
    for stage in STAGES:
        spine = row_kind("race_driver").spine(tables, stage)
        joined = [as_known(spine, group, built[group.name])[group.names] for group in chosen]
        made[stage] = pd.concat([spine, *joined], axis=1)
    return made


def of_race(frame: pd.DataFrame, race: int) -> pd.DataFrame:
    return frame[frame["race_id"] == race].reset_index(drop=True)


class Publisher(RuleBasedStateMachine):
    """A source that publishes a small season."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.project = Project(self.folder / "project")
        self.season = Season(races=5)
        self.clock = self.season.after(self.season.of(2023)[-1])
        self.seen: set[tuple[str, tuple[int, ...]]] = set()
        self.off: set[int] = set()
        self.frames = self.publish()[1]
        self.tables: Tables

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.no_row_knows_its_own_race()

    def holds(self) -> None:
        """Check what Hypothesis checks by itself."""
        self.each_label_means_one_race()
        self.every_stamp_of_a_race_lies_behind_its_cutoffs()
        self.nothing_vanishes_without_a_count()

    def publish(self) -> tuple[TableBuild, dict[str, pd.DataFrame]]:
        """Write the dump, ingest it a day later, and make everything of all snapshots."""
        self.clock += timedelta(days=1)
        self.season.write(self.folder / "dump")
        params = Params(sources={"ergast": {"location": str(self.folder / "dump")}})
        ingest(self.project, params, "ergast", self.clock)
        self.published = pd.Timestamp(self.clock)
        self.made = build_tables(snapshots(self.project.raw / "ergast"), params.time)
        self.tables = Tables(self.made.tables)
        self.seen |= {(name, key) for name, lines in self.season.lines.items() for key in lines}
        return self.made, frames_of(self.tables)

    def step(self, moved: tuple[int, ...] = ()) -> None:
        """Publish, and hold the frames against those of before; `moved` are races that were run and got another start."""
        before, fetched = self.frames, self.published
        starts = self.tables["races"].drop_duplicates("race_id", keep="last").set_index("race_id")["starts_at"]
        _, self.frames = self.publish()
        now = self.tables["races"].drop_duplicates("race_id", keep="last").set_index("race_id")["starts_at"]
        limit = min([fetched, *(min(starts[race], now[race]) - hours(72) for race in moved)])
        for stage in STAGES:
            old, new = (each[stage] for each in (before, self.frames))
            old, new = (each[each["cutoff"] < limit].drop(columns="round") for each in (old, new))
            old = old[~old["race_id"].isin(self.off)]  # a weekend that was begun and called off
            key = ["race_id", "driver_id"]
            stands = pd.MultiIndex.from_frame(old[key])
            assert stands.isin(pd.MultiIndex.from_frame(new[key])).all(), "a row is gone"
            new = new[pd.MultiIndex.from_frame(new[key]).isin(stands)]  # a car that is added late adds its row
            assert as_bytes(new.reset_index(drop=True)) == as_bytes(old.reset_index(drop=True)), stage

    @precondition(lambda self: self.season.planned)
    @rule(forgotten=st.sampled_from(["nothing", "results", "pit_stops"]))
    def run_next(self, forgotten: str) -> None:
        race = self.season.planned[0]
        self.season.run(race)
        if forgotten != "nothing":
            self.season.forget(forgotten, race)
        self.clock = max(self.clock, self.season.after(race))
        self.step()

    @precondition(lambda self: self.season.planned)
    @rule()
    def practise(self) -> None:
        race = self.season.planned[0]
        self.season.practise(race)
        self.clock = max(self.clock, self.season.after(race) - timedelta(days=1, hours=20))
        self.step()

    @precondition(lambda self: self.season.planned)
    @rule(which=PLANNED, days=st.integers(1, 40))
    def postpone(self, which: int, days: int) -> None:
        self.season.move(self.season.planned[which % len(self.season.planned)], days)
        self.step()

    @precondition(lambda self: self.season.planned)
    @rule(which=PLANNED, days=st.integers(1, 10))
    def bring_forward(self, which: int, days: int) -> None:
        self.season.move(self.season.planned[which % len(self.season.planned)], -days)
        self.step()

    @precondition(lambda self: self.season.done)
    @rule(which=RUN, days=st.integers(-9, 9).filter(bool))
    def correct_the_date_of_a_race_that_was_run(self, which: int, days: int) -> None:
        race = self.season.done[which % len(self.season.done)]
        self.season.move(race, days)
        self.step(moved=(race,))

    @precondition(lambda self: len(self.season.planned) > 1)
    @rule(which=PLANNED, renumbered=st.booleans())
    def call_off(self, which: int, renumbered: bool) -> None:
        race = self.season.planned[which % len(self.season.planned)]
        self.season.call_off(race)
        self.off.add(race)
        if renumbered:
            self.season.renumber()
        self.step()
        assert race not in set(self.tables.as_of()["races"]["race_id"])

    @rule()
    def renumber(self) -> None:
        self.season.renumber()
        self.step()

    @precondition(lambda self: len(self.season.planned) > 1)
    @rule()
    def swap_names(self) -> None:
        self.season.swap_names(*self.season.planned[:2])
        self.step()

    @precondition(lambda self: self.season.done)
    @rule(which=RUN)
    def correct(self, which: int) -> None:
        self.season.correct(self.season.done[which % len(self.season.done)])
        self.step()

    @precondition(lambda self: self.season.done)
    @rule(which=RUN, driver=st.integers(1, CARS))
    def withdraw(self, which: int, driver: int) -> None:
        race = self.season.done[which % len(self.season.done)]
        if (race, driver) in self.season.lines["results"]:
            self.season.withdraw(race, driver)
            self.step()

    @rule()
    def add_late(self) -> None:
        if self.season.remember():
            self.step()

    @rule(null=st.sampled_from(NULLS))
    def export_with_other_nulls(self, null: str) -> None:
        self.season.null = null
        self.step()

    @invariant()
    def each_label_means_one_race(self) -> None:
        calendar = self.tables.as_of()["races"]
        if self.season_is_numbered():
            assert not calendar.duplicated(["season", "round"]).any()

    def season_is_numbered(self) -> bool:
        rounds = [facts["round"] for facts in self.season.races.values() if facts["year"] == 2024]
        return len(rounds) == len(set(rounds))

    @invariant()
    def every_stamp_of_a_race_lies_behind_its_cutoffs(self) -> None:
        first = self.tables["results"].groupby("race_id")["known_at"].min()
        for stage in STAGES:
            cutoff = self.frames[stage].drop_duplicates("race_id").set_index("race_id")["cutoff"]
            both = first.index.intersection(cutoff.index)
            assert len(both) and (first[both] > cutoff[both]).all()

    def no_row_knows_its_own_race(self) -> None:
        """Turn the newest race round: no row of it moves."""
        results = self.tables["results"]
        race = int(results.loc[results["event_timestamp"].idxmax(), "race_id"])
        places = results["place"].where(results["race_id"] != race, CARS + 1 - results["place"])
        other = frames_of(
            self.tables.replace(
                results=results.assign(place=places, points=results["points"].where(results["race_id"] != race, 1.0))
            )
        )
        for stage in STAGES:
            mine, theirs = (of_race(each[stage], race) for each in (self.frames, other))
            assert as_bytes(mine) == as_bytes(theirs)

    @invariant()
    def nothing_vanishes_without_a_count(self) -> None:
        """Every line that was ever published is in its table or set aside with its reason, and nothing else is."""
        aside = self.made.quarantine
        assert set(aside["reason"]) <= {"the race was called off"}
        rows = [(name, json.loads(row)) for name, row in zip(aside["table"], aside["row"], strict=True)]
        columns = {"results": 2, "qualifying": 2, "practice": 2, "pit_stops": 3, "driver_standings": 2}
        keys = ["race_id", "driver_id", "stop"]
        for name, width in columns.items():
            held = {tuple(map(int, row)) for row in self.tables[name][keys[:width]].itertuples(index=False)}
            held |= {tuple(int(row[key]) for key in keys[:width]) for table, row in rows if table == name}
            assert held == {key for table, key in self.seen if table == name}, name


Publisher.TestCase.settings = settings(
    max_examples=EXAMPLES or 1,
    stateful_step_count=8,
    derandomize=not EXAMPLES,
    phases=tuple(Phase) if EXAMPLES else (Phase.explicit, Phase.generate),
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Publisher.TestCase


def test_a_season_in_which_everything_happens() -> None:
    """Every step at least once, in an order in which each meets what it can break."""
    played = Publisher()
    try:
        for step in (
            lambda: played.run_next("pit_stops"),
            lambda: played.postpone(1, 30),
            played.add_late,
            played.practise,
            lambda: played.call_off(0, renumbered=True),
            lambda: played.run_next("results"),
            played.swap_names,
            played.add_late,
            lambda: played.correct_the_date_of_a_race_that_was_run(1, -2),
            lambda: played.bring_forward(0, 9),
            lambda: played.export_with_other_nulls(NULLS[-1]),
            lambda: played.correct(0),
            lambda: played.run_next("nothing"),
            lambda: played.withdraw(1, 3),
            lambda: played.correct_the_date_of_a_race_that_was_run(2, 9),
            played.renumber,
        ):
            step()
            played.holds()
    finally:
        played.teardown()
