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
from pitwall.sources.machinery.canonical.names import Paddock
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.machinery.stage import ingest, tables
from pitwall.sources.user_files import SOURCE, UserFilesSettings
from pitwall.testing.checks.source import NOW, SMALL_WORLD, small_world

TIME = TimeParams()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def known(world: Snapshot) -> TableBuild:
    return build_tables([world], TIME)


def snap(folder: Path, days: int = 0, **files: str) -> Snapshot:
    """Return a snapshot of files given as text."""
    origin = folder / f"day{days}"
    origin.mkdir(parents=True)
    for name, text in files.items():
        (origin / f"{name}.csv").write_text(text)
    now = NOW + timedelta(days=days)
    taken = take_snapshot(SOURCE, str(origin), UserFilesSettings(), folder / "raw", now=now, previous=None)
    assert taken is not None
    return taken


def first_of(known: TableBuild) -> tuple[pd.Series, list[str], list[str]]:
    """Return the first race, and names of teams and drivers who are in it."""
    race = known.tables["races"].iloc[0]
    cars = known.tables["results"].query("race_id == @race.race_id")
    teams, drivers = (
        known.tables[table].set_index(key)
        for table, key in (("constructors", "constructor_id"), ("drivers", "driver_id"))
    )
    return race, list(teams.loc[cars["constructor_id"].unique(), "name"]), list(drivers.loc[cars["driver_id"], "ref"])


def test_an_upgrade_is_known_when_its_session_begins_or_later_as_the_file_says(
    world: Snapshot, known: TableBuild, tmp_path: Path
) -> None:
    race, teams, _ = first_of(known)
    late = race["starts_at"] + hours(30)
    text = "season,round,constructor,session,note,known_at\n" + "".join(
        f"{race['season']},{race['round']},{team},{session},floor,{instant}\n"
        for team, session, instant in (
            (teams[0].upper(), "", ""),
            (teams[1], "R", ""),
            (teams[2], "q", f"{late:%Y-%m-%dT%H:%M:%SZ}"),
            (teams[2], "FP1", "2001-01-01T00:00:00Z"),  # announced long before it ran
        )
    )  # fmt: skip
    made = build_tables([world], TIME, [snap(tmp_path, upgrades=text)]).tables["upgrades"]
    by_team = made.assign(
        team=made["constructor_id"].map(known.tables["constructors"].set_index("constructor_id")["name"])
    )
    rows = by_team.set_index(["team", "number"])
    starts = {
        (teams[0], 1): "practice_at",
        (teams[1], 1): "starts_at",
        (teams[2], 1): "qualifying_at",
        (teams[2], 2): "practice_at",
    }
    for key, column in starts.items():
        assert rows.loc[key, "event_timestamp"] == race[column]
    assert list(rows["known_at"] == rows["event_timestamp"]) == [key != (teams[2], 1) for key in rows.index]
    assert rows.loc[(teams[2], 1), "known_at"] == late
    assert len(rows) == 4 and rows["session"].tolist().count("FP1") == 2


def test_telemetry_is_known_after_its_session(world: Snapshot, known: TableBuild, tmp_path: Path) -> None:
    race, _, drivers = first_of(known)
    label = f"{race['season']},{race['round']},{drivers[0]}"
    text = f"Season,Round,Driver,Session,Lap,Avg_Corner_Speed\n{label},Q,,171.5\n{label},R,3,160\n{label},R,4,162\n"
    made = build_tables([world], TIME, [snap(tmp_path, corner_speeds=text)]).tables["corner_speeds"]
    rows = made.set_index(["session", "lap"]).sort_index()
    assert rows.loc[("Q", 0), "event_timestamp"] == race["qualifying_at"] + hours(TIME.session_lasts_h)
    assert rows.loc[("R", 3), "event_timestamp"] == race["starts_at"] + hours(TIME.race_lasts_h)
    delay = rows["known_at"] - rows["event_timestamp"]
    assert delay.tolist() == [hours(TIME.session_known_after_h), *[hours(TIME.race_known_after_h)] * 2]
    assert rows["speed"].tolist() == [171.5, 160.0, 162.0]


def test_lines_that_are_not_clear_are_set_aside_with_the_reason(
    world: Snapshot, known: TableBuild, tmp_path: Path
) -> None:
    race, teams, drivers = first_of(known)
    season, number = race["season"], race["round"]
    upgrades = (
        f"season,round,constructor,session\n{season},{number},Nobody Racing,\n{season},39,{teams[0]},\n"
        f"{season},{number},{teams[0]},warm-up\n{season},{number},99999,\n{season},{number},{teams[0]},FP2\n"
    )
    speeds = f"season,round,driver,session,avgCornerSpeed\n{season},{number},{drivers[0]},Q,170\n{season},{number},{drivers[0]},Q,171\n"
    build = build_tables([world], TIME, [snap(tmp_path, upgrades=upgrades, corner_speeds=speeds)])
    aside = build.quarantine[build.quarantine["table"].isin(["upgrades", "corner_speeds"])]
    assert sorted(aside["reason"]) == [
        "constructor: nobody has this name",
        "constructor: nobody has this name",
        "repeated key (race_id, driver_id, session, lap)",
        "round: no race of that season and round",
        "session: not one of FP1, FP2, FP3, FP4, Q, S, R",
    ]
    assert len(build.tables["upgrades"]) == 1 and len(build.tables["corner_speeds"]) == 1


def test_whom_a_name_means_depends_on_the_season(known: TableBuild) -> None:
    teams = pd.DataFrame(
        {
            "constructor_id": [1, 2, 3],
            "ref": ["lotus_old", "lotus_f1", "red_bull"],
            "name": ["Lotus", "Lotus", "Red Bull Racing"],
        }
    )
    part = pd.DataFrame({"race_id": [10, 20, 20], "constructor_id": [1, 2, 3], "driver_id": 1})
    races = pd.DataFrame({"race_id": [10, 20], "season": [1970, 2012], "round": 1, "called_off": False})
    drivers = known.tables["drivers"]
    empty = dict.fromkeys(("entries", "qualifying", "practice"), part.head(0))
    paddock = Paddock.of({"constructors": teams, "drivers": drivers, "races": races, "results": part, **empty})
    meant = {
        (name, year): paddock.meant("constructor", name, year)
        for name in ("lotus", "Red-Bull", "3", "4", "bull racing", "")
        for year in (1972, 2013)
    }
    assert meant == {
        **{("lotus", 1972): [1], ("lotus", 2013): [2]},
        **{(name, year): [3] for name in ("Red-Bull", "3", "bull racing") for year in (1972, 2013)},
        **{(name, year): [] for name in ("4", "") for year in (1972, 2013)},
    }


def test_a_name_that_fits_two_is_set_aside(known: TableBuild) -> None:
    teams = pd.DataFrame({"constructor_id": [1, 2], "ref": ["a", "b"], "name": ["Team Lotus", "Lotus Racing"]})
    part = pd.DataFrame({"race_id": [10, 10], "constructor_id": [1, 2], "driver_id": 1})
    races = pd.DataFrame({"race_id": [10], "season": [2011], "round": 1, "called_off": False})
    empty = dict.fromkeys(("entries", "qualifying", "practice"), part.head(0))
    paddock = Paddock.of(
        {"constructors": teams, "drivers": known.tables["drivers"], "races": races, "results": part, **empty}
    )
    assert paddock.meant("constructor", "Lotus", 2011) == [1, 2]


def test_a_line_added_to_a_race_later_is_known_since_then(world: Snapshot, known: TableBuild, tmp_path: Path) -> None:
    race, teams, _ = first_of(known)
    head, line = "season,round,constructor\n", f"{race['season']},{race['round']},"
    first = snap(tmp_path, upgrades=f"{head}{line}{teams[0]}\n")
    later = snap(tmp_path, days=3, upgrades=f"{head}{line}{teams[0]}\n{line}{teams[1]}\n")
    made = build_tables([world], TIME, [first, later]).tables["upgrades"]
    assert made["known_at"].tolist() == [race["practice_at"], pd.Timestamp(later.fetched_at)]


def test_a_project_takes_them_through_ingest_and_refuses_a_file_of_strangers(known: TableBuild, tmp_path: Path) -> None:
    race, teams, _ = first_of(known)
    folder, project = tmp_path / "own", Project(tmp_path / "project")
    folder.mkdir()
    label = f"{race['season']},{race['round']}"
    params = Params(sources={"synthetic": SMALL_WORLD, "user_files": {"location": str(folder)}})
    ingest(project, params, "synthetic", NOW)
    (folder / "upgrades.csv").write_text(
        f"season,round,constructor\n{label},Nobody\n{label},Nobody Else\n{label},{teams[0]}\n"
    )
    with pytest.raises(SourceError, match=r"upgrades: 2 of 3 lines.*nobody has this name"):
        ingest(project, params, "user_files", NOW)
    (folder / "upgrades.csv").write_text(f"season,round,constructor\n{label},{teams[0]}\n")
    assert ingest(project, params, "user_files", NOW).set_aside == {}
    assert tables(project, params).rows["upgrades"] == 1
    (folder / "upgrades.csv").unlink()
    with pytest.raises(SourceError, match=r"holds no file of a user's own files \(upgrades.csv, corner_speeds.csv"):
        ingest(project, params, "user_files", NOW)
