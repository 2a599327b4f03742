"""Dated corrections of a dump: a second version of the line, known since its publication, once and for all."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables, save_tables
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PUBLISHED = "2018-06-20T10:00:00Z"


@pytest.fixture(autouse=True)
def no_corrections_yet(dump: Path) -> None:
    (dump / "results_corrections.csv").unlink(missing_ok=True)


def snap(dump: Path, days: int) -> Snapshot:
    now = NOW + timedelta(days=days)
    taken = take_snapshot(SOURCE, str(dump), ErgastSettings(), dump.parent / "raw", now=now, previous=None)
    assert taken is not None
    return taken


def build(*taken: Snapshot) -> TableBuild:
    made = build_tables(taken, TimeParams())
    save_tables(made.tables, taken[0].folder.parent / "tables")
    return made


def correct(dump: Path, published: str = PUBLISHED, **changes: object) -> dict[str, str]:
    """Publish a correction of the winner's line of a race of 2017, and return that line."""
    with (dump / "results.csv").open(encoding="utf-8", newline="") as stream:
        line = next(row for row in csv.DictReader(stream) if row["raceId"] == "201703")
    path = dump / "results_corrections.csv"
    told = path.is_file()
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*line, "publishedAt"], lineterminator="\n")
        if not told:
            writer.writeheader()
        writer.writerow({**line, **changes, "publishedAt": published})
    return line


def versions(made: TableBuild, line: dict[str, str]) -> pd.DataFrame:
    results = made.tables["results"]
    same = (results["race_id"] == int(line["raceId"])) & (results["driver_id"] == int(line["driverId"]))
    return results[same].sort_values("known_at")


def test_a_correction_is_known_since_it_was_published(dump: Path) -> None:
    line = correct(dump, positionText="D", position="\\N", points="0", statusId="2")
    made = build(snap(dump, 0))
    first, later = versions(made, line).to_dict("records")
    assert first["classified"] and first["known_estimated"] and first["known_at"].year == 2017
    assert not later["classified"] and not later["known_estimated"] and later["known_at"] == pd.Timestamp(PUBLISHED)
    assert later["event_timestamp"] == first["event_timestamp"] and later["points"] == 0
    told = [Tables(made.tables).as_of(at)["results"] for at in (pd.Timestamp(PUBLISHED) - pd.Timedelta("1us"), None)]
    assert [rows.query("race_id == 201703")["points"].max() for rows in told] == [float(line["points"]), 18]


def test_a_later_snapshot_neither_takes_it_back_nor_tells_it_twice(dump: Path) -> None:
    plain = snap(dump, 0)
    line = correct(dump, points="1")
    told = snap(dump, 1)
    (dump / "status.csv").write_text((dump / "status.csv").read_text() + "999,Lost\n")
    again = snap(dump, 2)
    for taken in ((told,), (plain, told), (told, again), (plain, told, again)):
        rows = versions(build(*taken), line)
        assert rows["known_at"].tolist()[1:] == [pd.Timestamp(PUBLISHED)], [each.name for each in taken]


def test_a_correction_of_a_correction_is_a_third_version(dump: Path) -> None:
    correct(dump, points="1")
    line = correct(dump, "2018-07-01T10:00:00Z", points="2")
    assert versions(build(snap(dump, 0)), line)["points"].tolist()[1:] == [1, 2]


def test_an_unknown_line_or_date_is_set_aside(dump: Path) -> None:
    correct(dump, driverId="7777")
    correct(dump, "last Tuesday")
    reasons = build(snap(dump, 0)).quarantine.query("table == 'results_corrections'")["reason"].tolist()
    assert sorted(reasons) == ["driverId: unknown id", "publishedAt: not an instant like 2024-07-28T18:30:00Z"]


def test_one_published_before_the_assumed_publication_follows_it_at_once(dump: Path) -> None:
    line = correct(dump, "2017-01-01T10:00:00Z", points="1")
    first, later = versions(build(snap(dump, 0)), line)["known_at"]
    assert later - first == pd.Timedelta("1us")
