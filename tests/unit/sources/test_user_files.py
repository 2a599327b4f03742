"""A user's files become tables: names are looked up, lines are stamped by their session, what is not clear is set aside."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.project import Project
from pitwall.domain.when import hours
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.canonical.users.names import Paddock
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.machinery.stage import ingest
from pitwall.sources.user_files import SOURCE, UserFilesSettings
from pitwall.testing.checks.source import NOW, SMALL_WORLD, small_world

TIME = TimeParams()
RACE, LATE = "2018,1", "2018-06-01T10:00:00Z"  # of the small world; long after that race
UPGRADES = f"""season,round,constructor,session,note,known_at
{RACE},AQUILA,,floor,
{RACE},cobalt-works,R,,
{RACE},drift,q,wing,{LATE}
{RACE},4,FP1,"wing, announced",2001-01-01T00:00:00Z
{RACE},Nobody Racing,,,
2018,39,Aquila,,,
{RACE},Aquila,warm-up,,
{RACE},99999,,,
"""
ADDED = f"{UPGRADES}{RACE},Basalt,,,\n"
SPEEDS = f"""Season,Round,Driver,Session,Lap,Avg_Corner_Speed
{RACE},Branlund,Q,,171.5
{RACE},nadia branlund,R,3,160
{RACE},branlund,R,4,162
{RACE},2,r,4,163
{RACE},FOL,Q,,163
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def made(world: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> TableBuild:
    """The tables of two snapshots of a user's files; the later one adds an upgrade."""
    folder = tmp_path_factory.mktemp("user")
    kept = []
    for days, upgrades in ((0, UPGRADES), (3, ADDED)):
        (folder / "upgrades.csv").write_text(upgrades)
        (folder / "corner_speeds.csv").write_text(SPEEDS)
        settings, now = UserFilesSettings(), NOW + timedelta(days=days)
        kept.append(take_snapshot(SOURCE, str(folder), settings, folder / "raw", now=now, previous=None))
    return build_tables([world], TIME, kept)


def test_an_upgrade_is_known_when_its_session_begins_or_later_as_the_file_says(made: TableBuild) -> None:
    race = made.tables["races"].query("season == 2018 and round == 1").iloc[0]
    rows = made.tables["upgrades"].set_index(["constructor_id", "number"])
    starts = {(1, 1): "practice_at", (3, 1): "starts_at", (4, 1): "qualifying_at", (4, 2): "practice_at"}
    assert {key: rows.loc[key, "event_timestamp"] for key in starts} == {key: race[at] for key, at in starts.items()}
    assert rows.loc[(4, 1), "known_at"] == pd.Timestamp(LATE)
    at_once = [(1, 1), (3, 1), (4, 2)]  # the last was announced long before it ran
    assert all(rows.loc[key, "known_at"] == rows.loc[key, "event_timestamp"] for key in at_once)
    assert rows.loc[(2, 1), "known_at"] == pd.Timestamp(NOW) + timedelta(days=3)  # added to a race that was there
    assert sorted(rows.index) == [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2)]


def test_telemetry_is_known_after_its_session(made: TableBuild) -> None:
    race = made.tables["races"].query("season == 2018 and round == 1").iloc[0]
    rows = made.tables["corner_speeds"].set_index(["session", "lap"]).sort_index()
    assert rows["speed"].to_dict() == {("Q", 0): 171.5, ("R", 3): 160.0, ("R", 4): 162.0}
    assert set(rows["driver_id"]) == {2}
    assert rows.loc[("Q", 0), "event_timestamp"] == race["qualifying_at"] + hours(TIME.session_lasts_h)
    assert rows.loc[("R", 3), "event_timestamp"] == race["starts_at"] + hours(TIME.race_lasts_h)
    delay = rows["known_at"] - rows["event_timestamp"]
    assert delay.tolist() == [hours(TIME.session_known_after_h), *[hours(TIME.race_known_after_h)] * 2]


def test_lines_that_are_not_clear_are_set_aside_with_the_reason(made: TableBuild) -> None:
    aside = made.quarantine[made.quarantine["table"].isin(["upgrades", "corner_speeds"])]
    assert sorted(aside["reason"]) == [
        "constructor: nobody has this name",
        "constructor: nobody has this name",
        "driver: several have this name",
        "repeated key (race_id, driver_id, session, lap)",
        "round: no race of that season and round",
        "session: not one of FP1, FP2, FP3, FP4, Q, S, R",
    ]


def test_whom_a_name_means_depends_on_the_season() -> None:
    names = {"lotus_old": "Lotus", "lotus_f1": "Lotus", "red_bull": "Red Bull Racing", "sao": "São Team"}
    teams = pd.DataFrame({"constructor_id": range(1, 5), "ref": list(names), "name": list(names.values())})
    part = pd.DataFrame({"race_id": [10, 20, 20, 20], "constructor_id": range(1, 5), "driver_id": 1})
    races = pd.DataFrame({"race_id": [10, 20], "season": [1970, 2012], "round": 1, "called_off": False})
    drivers = pd.DataFrame({"driver_id": [1], "ref": ["a"], "code": ["AAA"], "name": ["A"]})
    none = dict.fromkeys(("entries", "qualifying", "practice"), part.head(0))
    paddock = Paddock.of({"constructors": teams, "drivers": drivers, "races": races, "results": part, **none})
    meant = {
        name: paddock.meant("constructor", name, 2013) for name in ("Red-Bull", "bull racing", "SAO", "3", "9", "-")
    }
    assert meant == {"Red-Bull": [3], "bull racing": [3], "SAO": [4], "3": [3], "9": [], "-": []}
    assert paddock.meant("driver", "aaa", 2013) == [1]
    assert [paddock.meant("constructor", "lotus", year) for year in (1972, 2013)] == [[1], [2]]


def test_a_project_takes_them_through_ingest_and_refuses_a_file_of_strangers(tmp_path: Path) -> None:
    folder, project = tmp_path / "own", Project(tmp_path / "project")
    folder.mkdir()
    file = folder / "upgrades.csv"
    params = Params(sources={"synthetic": SMALL_WORLD, "user_files": {"location": str(folder)}})
    ingest(project, params, "synthetic", NOW)
    file.write_text(f"season,round,constructor\n{RACE},Nobody\n{RACE},Nobody Else\n{RACE},Aquila\n")
    with pytest.raises(SourceError, match=r"upgrades: 2 of 3 lines.*nobody has this name.*or its reference or id"):
        ingest(project, params, "user_files", NOW)
    file.write_text(f"season,round,constructor\n{RACE},Aquila\n")
    assert ingest(project, params, "user_files", NOW).set_aside == {}
