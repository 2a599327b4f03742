"""What `data status` says: what the newest snapshot changed, what was set aside with examples, assumed values, new teams."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from pitwall.cli._data_status import show
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources.machinery.overview import changes
from pitwall.sources.machinery.overview.status import data_status
from pitwall.sources.machinery.stage import ingest, tables
from pitwall.testing.checks.source import SMALL_WORLD, small_laps

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], None]], None]


class World:
    """A project on a dump, of which snapshots are taken a week apart."""

    def __init__(self, dump: Path) -> None:
        self.project = Project(dump.parent / "project")
        self.params = Params(sources={"ergast": {"location": str(dump)}})
        self._now = NOW

    def ingest(self) -> None:
        ingest(self.project, self.params, "ergast", self._now)
        self._now += timedelta(days=7)

    def status(self, rows: int = 0) -> dict:
        return data_status(self.project, self.params, rows)

    def changed(self) -> dict:
        return self.status()["sources"]["ergast"]["changed"]

    def screen(self, rows: int = 0) -> str:
        out = StringIO()
        show(Console(file=out, width=120, highlight=False), self.status(rows))
        return out.getvalue()


@pytest.fixture
def world(dump: Path) -> World:
    made = World(dump)
    made.ingest()
    return made


def test_a_first_snapshot_changes_nothing(world: World) -> None:
    assert "changed" not in world.status()["sources"]["ergast"]
    assert "no tables yet" in world.screen()


def test_new_changed_and_gone_lines_are_counted_by_table(world: World, edit: Editor) -> None:
    def change(rows: Rows) -> None:
        rows[0]["points"] = "99"
        rows[1]["resultId"] = (
            "9001"  # another id of the same car in the same race: the line changed, and is no other one
        )
        rows.pop()

    edit("results", change)
    edit("practice", lambda rows: rows.append({**rows[0], "session": "FP4"}))
    world.ingest()
    assert world.changed()["tables"] == {
        "practice": {"new": 1, "changed": 0, "gone": 0},
        "results": {"new": 0, "changed": 2, "gone": 1},
    }
    assert world.changed()["races"] == {"new": [], "moved": [], "gone": []}
    assert "Lines changed since" in world.screen()


def test_races_that_came_moved_or_went_are_named(world: World, edit: Editor) -> None:
    def change(rows: Rows) -> None:
        rows[-2]["date"] = "2018-12-31"
        last = rows.pop()
        rows.append({**last, "raceId": "900", "name": "Other Grand Prix"})

    edit("races", change)
    world.ingest()
    races = world.changed()["races"]
    assert len(races["moved"]) == len(races["new"]) == len(races["gone"]) == 1
    assert races["moved"][0].startswith("2018 round 3")
    assert races["moved"][0].endswith("-> 2018-12-31")
    assert "Other Grand Prix" in races["new"][0]
    assert "race gone: 2018 round 4" in world.screen()


def test_another_order_or_spelling_of_null_is_no_change(world: World, dump: Path) -> None:
    results = pd.read_csv(dump / "results.csv", dtype=str, keep_default_na=False)
    results[::-1].replace("\\N", "").to_csv(dump / "results.csv", index=False)
    world.ingest()
    assert world.changed()["tables"] == {}
    assert "no line changed since 20260301" in world.screen()


def test_columns_that_came_or_went_are_named(world: World, dump: Path) -> None:
    drivers = pd.read_csv(dump / "drivers.csv", dtype=str, keep_default_na=False)
    drivers.drop(columns="nationality").assign(height="180").to_csv(dump / "drivers.csv", index=False)
    world.ingest()
    assert world.changed()["columns"] == {"drivers": {"new": ["height"], "gone": ["nationality"]}}
    assert "columns of drivers: new: height; gone: nationality" in world.screen()


def test_files_with_the_same_bytes_are_not_opened(world: World, edit: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    edit("seasons", lambda rows: rows.pop())
    world.ingest()
    opened = []
    real = changes._lines
    monkeypatch.setattr(changes, "_lines", lambda snapshot, table: opened.append(table) or real(snapshot, table))
    assert world.changed()["tables"] == {"seasons": {"new": 0, "changed": 0, "gone": 1}}
    assert set(opened) == {"seasons"}


def test_laps_are_compared_by_race_car_and_lap(tmp_path: Path) -> None:
    small_laps(tmp_path / "feed")
    params = Params(sources={"synthetic": SMALL_WORLD, "fastf1_laps": {"location": str(tmp_path / "feed")}})
    project, path = Project(tmp_path / "project"), tmp_path / "feed" / "laps_2017.parquet"
    ingest(project, params, "fastf1_laps", NOW)
    laps = pd.read_parquet(path)
    laps.loc[0, "LapTime"] += 0.1
    laps.drop(index=1).to_parquet(path)
    ingest(project, params, "fastf1_laps", NOW + timedelta(days=7))
    changed = data_status(project, params)["sources"]["fastf1_laps"]["changed"]
    assert changed["tables"] == {"laps": {"new": 0, "changed": 1, "gone": 1}}


def test_what_was_set_aside_is_shown_with_examples(world: World, dump: Path) -> None:
    with (dump / "qualifying.csv").open("a") as out:
        out.write("torn,line\n")
    world.ingest()
    tables(world.project, world.params)
    said = world.status(rows=1)
    assert said["quarantine"] == {"qualifying: wrong number of columns": 1}
    assert said["examples"] == {"qualifying: wrong number of columns": [{"line": "torn,line"}]}
    assert world.status()["examples"] == {}
    assert '{"line": "torn,line"}' in world.screen(rows=1)


def test_new_teams_and_assumed_values_are_told(dump: Path, edit: Editor) -> None:
    def only_later(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["constructorId"] != "4" or row["raceId"] >= "201800"]

    for name in ("results", "qualifying", "practice"):
        edit(name, only_later)
    edit("constructors", lambda rows: rows[3].update(constructorRef="newcomer", name="New Team"))
    world = World(dump)
    world.ingest()
    report = tables(world.project, world.params)
    assert report.new_teams == world.status()["new_teams"]
    assert "New Team (newcomer)" in report.new_teams
    assert any("new team: New Team (newcomer), its form starts from nothing" in line for line in report.lines())
    assert "new team: New Team (newcomer)" in world.screen()
    assert world.status()["assumed"] == {}


def test_tables_made_before_the_newest_snapshot_are_said_to_be_old(world: World, edit: Editor) -> None:
    tables(world.project, world.params)
    assert not world.status()["outdated"]
    edit("seasons", lambda rows: rows.pop())
    world.ingest()
    assert world.status()["outdated"]
    assert "came or went after these tables were made" in world.screen()


def test_a_damaged_snapshot_is_trouble_and_no_crash(world: World) -> None:
    (snapshot,) = (world.project.raw / "ergast").iterdir()
    (snapshot / "results.csv").write_text("edited")
    assert "was edited after it was fetched" in world.screen()
