"""Two sources of the same facts: what is the same, where they disagree, and which of them decides."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError, UnknownName, UsageError
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.project import Project
from pitwall.domain.racing.data_world import world as world_of
from pitwall.domain.tables import load_tables
from pitwall.sources import beside_sources, chosen_sources, sources, with_source
from pitwall.sources.machinery import stage
from pitwall.sources.machinery.beside import decided_lines, disagreements, others_of
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.comparing.matching import _joined, letters
from pitwall.sources.machinery.comparing.precedence import Blend, Rule, _decide, rules
from pitwall.sources.machinery.fetching import inspect
from pitwall.sources.machinery.overview.status import data_status
from pitwall.sources.machinery.snapshots import store
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.sources.machinery.snapshots.surroundings import newest
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.sites.f1db_release import NAME, F1dbRelease

pytestmark = pytest.mark.slow

NOW = datetime(2018, 10, 1, tzinfo=UTC)
Named = list[tuple[int, list[tuple[str, ...]]]]
LATE = 7.0  # s by which every stop of the other source is longer
STRANGER = {"id": "a-stranger", "firstName": "A", "lastName": "Stranger", "dateOfBirth": "1990-01-01"}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dump, a release whose stops are longer and which has one driver more, and files of laps."""
    folder = tmp_path_factory.mktemp("two")
    fetch(None, SyntheticSettings(seasons=2, teams=4, races=4, laps_seasons=1), _made(folder / "dump"))
    release = F1dbRelease(folder / "dump")
    for line in release.files["races-pit-stops"]:
        line["timeMillis"] = str(int(line["timeMillis"]) + int(1000 * LATE))
    release.files["drivers"].append({**release.files["drivers"][0], **STRANGER})
    extra = {**release.files["races-pit-stops"][-1], "driverId": STRANGER["id"], "stop": "1"}
    release.files["races-pit-stops"].append(extra)
    (folder / NAME).write_bytes(release.zipped())
    for path in (folder / "dump").glob("*.parquet"):
        shutil.move(path, _made(folder / "feed") / path.name)
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def inspected_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "inspect_folder", inspect.inspect)


def used(projects: Path, beside: str | None) -> Params:
    sources: dict[str, dict[str, object]] = {"ergast": {"location": str(projects / "dump")}}
    if beside is not None:
        sources["f1db"] = {"location": str(projects / NAME), "beside": beside}
    return Params.model_validate({"sources": sources})


@pytest.fixture(scope="module")
def project(projects: Path) -> Project:
    """A project into which both were fetched."""
    project, params = Project(_made(projects / "project")), used(projects, "compare")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "inspect_folder", inspect.inspect)
        for name in params.sources:
            stage.ingest(project, params, name, NOW)
    return project


def stops(project: Project) -> pd.DataFrame:
    table = pd.read_parquet(project.tables / "pit_stops.parquet").sort_values(["race_id", "driver_id", "stop"])
    return table.assign(season=table["race_id"] // 100).reset_index(drop=True)


def test_a_source_beside_decides_its_tables_and_seasons_and_nothing_else(projects: Path, project: Project) -> None:
    stage.tables(project, used(projects, None))
    before, alone = stops(project), load_tables(project.tables)
    params = used(projects, "pit_stops 2018:, practice 2017")
    report = stage.tables(project, params)
    after, two = stops(project), load_tables(project.tables)
    assert len(before) == len(after)
    longer = (after["seconds"] - before["seconds"]).groupby(after["season"]).mean().round(3)
    assert longer.to_dict() == {2017: 0.0, 2018: LATE}
    for name in ("results", "entries", "grid", "qualifying", "races", "practice"):
        same = [each[name].sort_values([*each[name].columns[:4]]).reset_index(drop=True) for each in (alone, two)]
        pd.testing.assert_frame_equal(*same)
    assert [(each.table, each.season, each.source) for each in report.decided] == [
        ("pit_stops", 2018, "f1db"),
        ("practice", 2017, "f1db"),
    ]
    said = json.loads((project.tables / stage.NOTES).read_text())
    assert said["decided"][0] | {"rows": 0, "instead_of": 0} == {
        "table": "pit_stops", "season": 2018, "source": "f1db", "rows": 0, "instead_of": 0, "lacks": 0,
    }  # fmt: skip
    assert any("pit_stops of 2018" in line and "rows of f1db, instead of" in line for line in report.lines())
    aside = pd.read_parquet(project.tables / "quarantine.parquet")
    assert (aside["reason"] == "another source's race, driver or team that is not here").sum() == 1
    assert data_status(project, params)["sources"]["f1db"]["beside"] == "pit_stops 2018:, practice 2017"


def test_one_that_is_compared_changes_nothing_and_its_disagreements_are_listed(
    projects: Path, project: Project
) -> None:
    params = used(projects, "compare")
    assert not others_of(project, params, [])
    found = disagreements(project, params)["f1db"]
    told = found.lines[found.lines["table"] == "pit_stops"]
    assert set(told["column"]) == {"seconds"} and len(told) > 20
    assert (told["theirs"].astype(float) - told["ours"].astype(float)).round(3).eq(LATE).all()
    assert set(found.lines["table"]) == {"pit_stops"}
    assert found.unknown == {"races": [], "drivers": ["astranger"], "constructors": []}
    assert sum(int(str(each["rows"])) for each in found.counts()) == len(found.lines)
    with pytest.raises(UnknownName, match="f1db"):
        disagreements(project, params, "f1bd")


def test_without_a_source_beside_the_command_to_add_one_is_named(projects: Path, project: Project) -> None:
    with pytest.raises(SourceError, match=r"pitwall data use NAME --beside compare"):
        disagreements(project, used(projects, None))


def test_two_sources_of_laps_are_never_mixed(projects: Path, project: Project, tmp_path: Path) -> None:
    laps = sources()["fastf1_laps"]
    feed = take_snapshot(laps, str(projects / "feed"), laps.Settings(), tmp_path, now=NOW, previous=None)
    assert feed is not None
    results = newest(project, used(projects, None), sources()["ergast"])
    assert results is not None
    with pytest.raises(SourceError, match=r"both bring laps of the same races \(2 of them\); let one stand beside"):
        build_tables([results], TimeParams(), [feed, replace(feed, source="openf1")])


def test_a_season_of_which_the_other_lacks_a_race_stays() -> None:
    def rows(seconds: float, *races: int) -> pd.DataFrame:
        stamp = pd.Timestamp("2020-01-01", tz="UTC")
        line = {"driver_id": 1, "stop": 1, "lap": 9, "seconds": seconds, "event_timestamp": stamp, "known_at": stamp}
        return pd.DataFrame([{"race_id": race, **line, "known_estimated": True} for race in races])

    made = Blend({"pit_stops": rows(20.0, 1, 2, 3, 4)})
    _decide(made, "pit_stops", rows(30.0, 1, 3, 4), pd.Series({1: 2017, 2: 2017, 3: 2018, 4: 2018}), "f1db")
    kept = made.tables["pit_stops"].set_index("race_id")["seconds"].to_dict()
    assert kept == {1: 20.0, 2: 20.0, 3: 30.0, 4: 30.0}
    assert [(each.season, each.rows, each.lacks) for each in made.decided] == [(2017, 0, 1), (2018, 2, 0)]
    assert decided_lines(made.decided)[0] == "pit_stops of 2017: stays as it is, f1db lacks 1 of its races"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("compare", []),
        ("practice", [("practice", 1950, 2100)]),
        ("pit_stops 2018:2020, laps 2023:", [("pit_stops", 2018, 2020), ("laps", 2023, 2100)]),
        ("results :2000, qualifying 2001", [("results", 1950, 2000), ("qualifying", 2001, 2001)]),
    ],
)
def test_rules_read(text: str, read: list[tuple[str, int, int]]) -> None:
    assert rules("f1db", text) == tuple(Rule(*each) for each in read)


def test_rules_that_do_not_read_are_refused() -> None:
    with pytest.raises(UsageError, match=r"sources.f1db.beside: 'practice 18:20' does not read"):
        rules("f1db", "practice 18:20")
    with pytest.raises(UnknownName, match=r"did you mean 'pit_stops'"):
        rules("f1db", "pit_stop")


def test_names_are_found_once_or_not_at_all() -> None:
    ours: Named = [(1, [("name", "ann"), ("ref", "a")]), (2, [("name", "bob"), ("ref", "b")]), (3, [("name", "bob")])]
    theirs: Named = [(11, [("name", "ann")]), (12, [("name", "bob"), ("ref", "b")]), (13, [("name", "bob")])]
    assert _joined(ours, theirs) == ({11: 1, 12: 2}, ["bob"])
    assert letters("Sergio Pérez") == letters("sergio-perez")


def test_beside_is_kept_apart_from_what_a_project_lives_on() -> None:
    known = sources()
    params = Params.model_validate({"sources": {"ergast": {"location": "dump"}}})
    two = params.model_copy(update={"sources": with_source(params, known["f1db"], None, "compare")})
    assert [each.name for each in chosen_sources(two)] == ["ergast"]
    assert [each.name for each in beside_sources(two)] == ["f1db"]
    assert world_of(two) == world_of(params), "the ids of the project are those from before"
    exchanged = with_source(two, known["f1db"], None)
    assert exchanged == {"f1db": {}}
    kept = with_source(two, known["jolpica"], None)
    assert kept == {"f1db": {"beside": "compare"}, "jolpica": {}}
