"""The jolpica source against a server of this machine that answers in the API's form, and goes wrong in every way that is known."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pitwall.domain.errors import SourceBusy, SourceError, UsageError
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.tables import Tables
from pitwall.sources.jolpica import PUBLISHED, SOURCE, JolpicaSettings
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.comparing.differences import differences
from pitwall.sources.machinery.comparing.matching import match
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.checks.source import kept
from pitwall.testing.sites.clocks import SharedClock
from pitwall.testing.sites.jolpica_api import JolpicaApi
from pitwall.testing.sites.site import Fault, Site, changed, cut_short, half_a_text, slow, status, web_page

WORLD = SyntheticSettings(seasons=2, teams=4, races=4, laps_seasons=1)
NOW = datetime(2018, 10, 1, tzinfo=UTC)  # within the second season
WANTED = JolpicaSettings(first_season=2017, last_season=2018, laps=True, first_pause_s=0.01, connect_timeout_s=2)
DAY = 86400.0
SAME = ("entries", "qualifying", "sprints", "results", "pit_stops", "lap_times", "driver_standings")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "dump"
    folder.mkdir()
    fetch(None, WORLD, folder)
    for raced_elsewhere in ("grid", "practice"):  # the API has neither
        (folder / f"{raced_elsewhere}.csv").unlink()
    return folder


@pytest.fixture
def around(tmp_path: Path) -> Around:
    shared = SharedClock(tmp_path / "clock", NOW.timestamp())
    return Around(tmp_path / "state", now=shared.now, sleep=shared.sleep)


def take(
    site: Site, around: Around, raw: Path, settings: JolpicaSettings = WANTED, previous: Snapshot | None = None
) -> Snapshot | None:
    now = datetime.fromtimestamp(around.now(), UTC)
    return take_snapshot(SOURCE, site.url, settings, raw, now=now, previous=previous, around=around)


def lines(snapshot: Snapshot, table: str) -> list[dict[str, str]]:
    with (snapshot.folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def newest(*snapshots: Snapshot) -> Tables:
    return Tables(build_tables(snapshots, TimeParams()).tables).as_of()


def test_the_tables_are_those_of_the_dump_that_was_served(world: Path, around: Around, tmp_path: Path) -> None:
    with Site(JolpicaApi(world)) as site:
        taken = take(site, around, tmp_path / "raw")
    assert taken is not None
    ours, theirs = newest(kept(world)), newest(taken)
    found = match(ours, theirs)
    assert found.unknown == {"races": [], "drivers": [], "constructors": []}
    assert {name: len(ours[name]) for name in SAME} == {name: len(theirs[name]) for name in SAME}
    told = differences(ours, theirs, found, SAME)
    assert told.empty, told.to_string()
    spoiled = ours.replace(results=ours["results"].assign(points=ours["results"]["points"] + 1))
    assert len(differences(spoiled, theirs, found, SAME)) == len(ours["results"])


def test_the_table_of_ids_says_what_maps_to_what(world: Path, around: Around, tmp_path: Path) -> None:
    with Site(JolpicaApi(world)) as site:
        taken = take(site, around, tmp_path / "raw")
    assert taken is not None
    given = {(line["kind"], line["ref"]): line["id"] for line in lines(taken, "ids")}
    for line in lines(taken, "drivers"):
        assert given["driver", line["driverRef"]] == line["driverId"]
    assert given["race", "2017 " + lines(taken, "races")[0]["name"]] == "1"
    winner = lines(taken, "results")[0]["driverId"]
    assert winner == "1", "ids are given in order of first appearance"


@pytest.mark.parametrize(
    "fault",
    [status(429, "3"), status(429), status(503), status(500), cut_short, half_a_text, slow(0.6)],
    ids=["429 with a pause", "429", "503", "500", "connection cut", "half a text", "slow"],
)
def test_what_passes_is_asked_again(fault: Fault, world: Path, around: Around, tmp_path: Path) -> None:
    settings = WANTED.model_copy(update={"connect_timeout_s": 0.3, "laps": False, "standings": False})
    with Site(JolpicaApi(world)) as site:
        whole = take(site, around, tmp_path / "whole", settings)
    with Site(JolpicaApi(world), faults={2: fault, 5: fault}) as site:
        taken = take(site, replace(around, folder=tmp_path / "other"), tmp_path / "raw", settings)
        assert len(site.paths) == len(set(site.paths)) + 2
    assert whole is not None and taken is not None
    assert taken.hash == whole.hash


def rename(old: str, new: str) -> Callable[[Any], Any]:
    def edit(content: Any) -> Any:
        if isinstance(content, dict):
            return {new if key == old else key: edit(value) for key, value in content.items()}
        return [edit(each) for each in content] if isinstance(content, list) else content

    return edit


def drop_last(content: Any) -> None:
    content["MRData"]["RaceTable"]["Races"].pop()


REFUSED: list[tuple[str, Fault, str]] = [
    ("always 503", status(503), r"answered 503, 2 times; try again later: what was fetched until now is kept"),
    ("cut", cut_short, r"broke off"),
    ("half", half_a_text, r"no JSON, or only a part of it"),
    ("404", status(404), r"answered 404; expected 200"),
    ("redirect", status(302), r"answered 302"),
    ("proxy", web_page, r"content of type text/html; expected application/json"),
    ("no MRData", changed(rename("MRData", "MrData")), r"'MRData' is missing \(found: MrData\); did 'MrData'"),
    ("races renamed", changed(rename("Races", "races")), r"'Races' is missing"),
    ("no name", changed(rename("raceName", "name")), r"'raceName' is missing .*did 'name' take its place"),
    ("no circuit", changed(rename("circuitId", "circuitRef")), r"'circuitId' is missing .*'circuitRef'"),
    ("total is a word", changed(lambda c: c["MRData"].update(total="many")), r"'total' is 'many'; expected a whole"),
    ("rows lost", changed(drop_last), r"is the last of 4 rows, and 3 came: the server cut it short"),
    ("a list", changed(lambda c: [c]), r"expected an object with 'MRData', found list"),
]


@pytest.mark.parametrize(("fault", "said"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_does_not_pass_is_refused_and_nothing_is_kept(
    fault: Fault, said: str, world: Path, around: Around, tmp_path: Path
) -> None:
    settings = WANTED.model_copy(update={"tries": 2})
    faults: dict[int, Fault] = {1: fault, 2: fault}  # 0 is the page of statuses, 1 the calendar
    with Site(JolpicaApi(world), faults=faults) as site:
        with pytest.raises(SourceError, match=said):
            take(site, around, tmp_path / "raw", settings)
        assert not list((tmp_path / "raw" / "jolpica").iterdir())
        site.faults = {}
        assert take(site, around, tmp_path / "raw", settings) is not None, "the refused page is asked for again"


def test_a_result_without_points_is_refused(world: Path, around: Around, tmp_path: Path) -> None:
    with (
        Site(JolpicaApi(world), faults={2: changed(rename("points", "score"))}) as site,
        pytest.raises(SourceError, match=r"2017/results.json.*: 'points' is missing"),
    ):
        take(site, around, tmp_path / "raw", WANTED)


def test_a_long_pause_ends_the_fetch_with_the_code_of_a_quota(world: Path, around: Around, tmp_path: Path) -> None:
    with Site(JolpicaApi(world), faults={3: status(429, "3600")}) as site, pytest.raises(SourceBusy) as refused:
        take(site, around, tmp_path / "raw")
    assert refused.value.exit_code == 4
    assert "asks for a pause of 3600 s, more than max_wait_s = 900" in str(refused.value)


def test_a_body_that_drips_is_given_up(world: Path, around: Around, tmp_path: Path) -> None:
    settings = WANTED.model_copy(update={"page_timeout_s": 0.05, "tries": 1})
    with (
        Site(JolpicaApi(world), faults={-1: slow(0.3)}) as site,
        pytest.raises(SourceError, match=r"was not complete after 0.05 s"),
    ):
        take(site, around, tmp_path / "raw", settings)


def test_what_a_broken_fetch_has_is_not_asked_for_again(world: Path, around: Around, tmp_path: Path) -> None:
    with Site(JolpicaApi(world)) as site:
        whole = take(site, replace(around, folder=tmp_path / "other"), tmp_path / "whole")
        pages = len(site.paths)
    settings = WANTED.model_copy(update={"tries": 1})
    with Site(JolpicaApi(world), faults={pages - 3: status(503)}) as site:
        with pytest.raises(SourceError, match="503"):
            take(site, around, tmp_path / "raw", settings)
        resumed = take(site, around, tmp_path / "raw", settings)
        good = [path for _, path, code in site.asked if code == 200]
    assert whole is not None and resumed is not None
    assert resumed.hash == whole.hash
    assert len(good) == len(set(good)) == pages
    assert len(site.asked) == pages + 1, "not even conditionally: only the page that failed was asked for twice"


def test_a_daily_fetch_asks_for_what_may_have_changed_and_conditionally(
    world: Path, around: Around, tmp_path: Path
) -> None:
    api = JolpicaApi(world)
    with Site(api) as site:
        first = take(site, around, tmp_path / "raw")
        everything = len(site.asked)
        assert take(site, around, tmp_path / "raw", previous=first) is None, "within the hour nothing is asked"
        assert len(site.asked) == everything
        around.sleep(DAY)
        assert take(site, around, tmp_path / "raw", previous=first) is None
        later = site.asked[everything:]
        assert {code for _, _, code in later} == {304}
        assert not [path for _, path, _ in later if "2017" in path], "a season that is over is left alone"
        assert len(later) < everything / 2
        line = next(line for line in api.tables["results"] if line["raceId"].startswith("2018"))
        line["points"] = "77"
        around.sleep(DAY)
        second = take(site, around, tmp_path / "raw", previous=first)
        assert [path for _, path, code in site.asked[everything + len(later) :] if code == 200] == [
            "/2018/results.json?limit=100&offset=0"
        ]
        around.sleep(100 * DAY)
        take(site, around, tmp_path / "raw", previous=second)
    assert second is not None
    assert [line for line in lines(second, "results") if line["points"] == "77"]
    assert [path for _, path, _ in site.asked[-everything:] if "2017" in path], "after months it is looked at again"


def test_ids_stay_whatever_is_added_before_them(world: Path, around: Around, tmp_path: Path) -> None:
    later = WANTED.model_copy(update={"first_season": 2018, "laps": False})
    with Site(JolpicaApi(world)) as site:
        first = take(site, around, tmp_path / "raw", later)
        assert first is not None
        around.sleep(DAY)
        grown = replace(around, previous=first.folder)
        second = take(site, grown, tmp_path / "raw", WANTED, first)
    assert second is not None
    before = {(line["kind"], line["ref"]): line["id"] for line in lines(first, "ids")}
    after = {(line["kind"], line["ref"]): line["id"] for line in lines(second, "ids")}
    assert before.items() <= after.items() and len(after) > len(before)
    for kind in ("race", "driver"):
        numbers = [number for (each, _), number in after.items() if each == kind]
        assert len(numbers) == len(set(numbers))


def test_the_limits_of_the_server_are_kept(world: Path, around: Around, tmp_path: Path) -> None:
    limits = [(4, 1.0), (20, 3600.0)]
    settings = WANTED.model_copy(update={"requests_per_hour": 20})
    told: list[str] = []
    around = replace(around, tell=told.append)
    with Site(JolpicaApi(world), limits=limits, now=around.now) as site:
        assert take(site, around, tmp_path / "raw", settings) is not None
        assert site.most(3600) <= 20 and site.most(1.0) <= 4
        assert {code for _, _, code in site.asked} == {200}
        assert around.now() - NOW.timestamp() > 3600, "the clock went on by the waits"
        assert told[0].startswith(f"{site.url}: 25 pages, ") and told[0].endswith(" s waited for the limits")


@pytest.mark.parametrize(
    "setting", [{"requests_per_hour": 501}, {"requests_per_second": 5}, {"requests_per_hour": 0}, {"last_season": 2000}]
)
def test_settings_beyond_the_published_limits_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"params.yaml: sources.jolpica"):
        SOURCE.settings(Params(sources={"jolpica": setting}))


@pytest.mark.parametrize(
    "location", ["https://example.org/ergast/f1/", "http://api.jolpi.ca/ergast/f1/", "/tmp/dump", "ftp://127.0.0.1/"]
)
def test_no_other_host_is_asked(location: str, around: Around, tmp_path: Path) -> None:
    assert SOURCE.fetch_around is not None
    with pytest.raises(SourceError, match=r"jolpica is asked at https://api.jolpi.ca or at a server of this machine"):
        SOURCE.fetch_around(location, WANTED, tmp_path, around)
    SOURCE.check_location(None)
    assert SOURCE.published == PUBLISHED


def test_seasons_that_nobody_has_are_refused(world: Path, around: Around, tmp_path: Path) -> None:
    settings = JolpicaSettings(first_season=1990, last_season=1991)
    with Site(JolpicaApi(world)) as site, pytest.raises(SourceError, match=r"has no race of 1990 to 1991"):
        take(site, around, tmp_path / "raw", settings)
