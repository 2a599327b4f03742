"""The f1db source reads a release from a server, a zip file or a folder, and refuses what is none."""

import csv
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.sources.f1db import PUBLISHED, SOURCE, STORES, F1dbSettings
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.comparing.differences import differences
from pitwall.sources.machinery.comparing.matching import match
from pitwall.sources.machinery.fetching.download import _next
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing.checks.source import kept
from pitwall.testing.sites.f1db_release import NAME, F1dbRelease
from pitwall.testing.sites.site import Fault, Site, cut_short, slow, status, web_page

WORLD = SyntheticSettings(seasons=2, teams=4, races=4, laps_seasons=0)
NOW = datetime(2018, 10, 1, tzinfo=UTC)
SAME = ("races", "entries", "grid", "qualifying", "practice", "sprints", "results", "pit_stops", "driver_standings")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "dump"
    folder.mkdir()
    fetch(None, WORLD, folder)
    return folder


@pytest.fixture
def release(world: Path) -> F1dbRelease:
    return F1dbRelease(world)


def take(
    location: str | Path, folder: Path, settings: F1dbSettings | None = None, around: Around | None = None
) -> Snapshot:
    raw = folder / "raw"
    now = NOW.replace(day=1 + len(list(raw.glob("f1db/2*"))))
    taken = take_snapshot(SOURCE, str(location), settings or F1dbSettings(), raw, now=now, previous=None, around=around)
    assert taken is not None
    return taken


def newest(snapshot: Snapshot) -> Tables:
    return Tables(build_tables([snapshot], TimeParams()).tables).as_of()


def test_the_tables_are_those_of_the_dump_that_was_released(world: Path, release: F1dbRelease, tmp_path: Path) -> None:
    with Site(release) as site:
        taken = take(f"{site.url}{NAME}", tmp_path)
    ours, theirs = newest(kept(world)), newest(taken)
    found = match(ours, theirs)
    assert found.unknown == {"races": [], "drivers": [], "constructors": []}
    assert {name: len(ours[name]) for name in SAME} == {name: len(theirs[name]) for name in SAME}
    told = differences(ours, theirs, found, SAME)
    status_words = told[(told["table"].isin(["results", "sprints"])) & (told["column"] == "status")]
    assert len(told) == len(status_words), told.to_string()


def test_zip_folder_and_server_give_the_same_bytes(release: F1dbRelease, tmp_path: Path) -> None:
    archive = tmp_path / NAME
    archive.write_bytes(release.zipped())
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    with Site(release) as site:
        hashes = {take(where, tmp_path).hash for where in (archive, tmp_path / "unpacked", f"{site.url}{NAME}")}
    assert len(hashes) == 1


def test_numbers_stay_when_a_release_names_more_drivers(release: F1dbRelease, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(release.zipped())
    first = take(tmp_path / NAME, tmp_path)
    release.files["races-race-results"] = release.files["races-race-results"][::-1]
    release.files["drivers"] = release.files["drivers"][::-1]
    (tmp_path / NAME).write_bytes(release.zipped())
    again = take(tmp_path / NAME, tmp_path, around=Around(tmp_path / "state", previous=first.folder))
    ids = [list(csv.DictReader((each.folder / "ids.csv").open(encoding="utf-8"))) for each in (first, again)]
    assert ids[0] == ids[1]
    assert {line["kind"] for line in ids[0]} == {"race", "driver", "constructor", "circuit", "status"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(429, "5"), r"answered 429 instead of a file"),
        (status(503), r"answered 503 instead of a file"),
        (cut_short, r"cannot be reached"),
        (slow(1.5), r"was not complete after|did not answer within"),
        (web_page, r"is no complete zip file .*; download it again"),
    ],
    ids=["429", "503", "cut", "slow", "web page"],
)
def test_a_server_that_fails_is_told_of(fault: Fault, said: str, release: F1dbRelease, tmp_path: Path) -> None:
    settings = F1dbSettings(total_timeout_s=1)
    with Site(release, faults={-1: fault}) as site, pytest.raises(SourceError, match=said):
        take(f"{site.url}{NAME}", tmp_path, settings)
    assert not list((tmp_path / "raw" / "f1db").iterdir())


Edit = Callable[[F1dbRelease], object]


def rename(file: str, old: str, new: str) -> Edit:
    def edit(release: F1dbRelease) -> None:
        release.files[file] = [
            {new if name == old else name: value for name, value in line.items()} for line in release.files[file]
        ]

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            rename("races-race-results", "driverId", "driver_ref"),
            r"f1db-races-race-results.csv lacks the column 'driverId'",
        ),
        (
            rename("races", "grandPrixId", "grandPrix"),
            r"lacks the column 'grandPrixId'.*did 'grandPrix' take its place",
        ),
        (lambda r: r.files.pop("races-qualifying-results"), r"f1db-races-qualifying-results.csv is missing"),
        (lambda r: r.files["grands-prix"].pop(), r"which f1db-grands-prix.csv lacks; fetch the release again"),
    ],
    ids=["column gone", "column renamed", "file gone", "a race of nothing"],
)
def test_a_release_in_another_form_is_refused(edit: Edit, said: str, release: F1dbRelease, tmp_path: Path) -> None:
    edit(release)
    (tmp_path / NAME).write_bytes(release.zipped())
    with pytest.raises(SourceError, match=said):
        take(tmp_path / NAME, tmp_path)


@pytest.mark.parametrize("location", ["https://example.org/f1db-csv.zip", "http://github.com/f1db-csv.zip"])
def test_no_other_host_is_asked(location: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"f1db is asked at https://github.com"):
        take(location, tmp_path)


def test_only_the_stores_of_the_publisher_may_be_redirected_to() -> None:
    there = f"https://{STORES[0]}/release?token=1"
    assert _next(PUBLISHED, there, STORES) == there
    for elsewhere in (f"http://{STORES[0]}/x", "https://example.org/x", f"https://{STORES[0]}.example.org/x"):
        with pytest.raises(SourceError, match="another host"):
            _next(PUBLISHED, elsewhere, STORES)
