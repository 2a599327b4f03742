"""A snapshot that was cut short, or is another vendor's, is refused before it is kept; a removal can be accepted."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params, TimeParams
from pitwall.domain.project import Project
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.admission.continuity import check_continuity
from pitwall.sources.machinery.admission.vetting import try_source
from pitwall.sources.machinery.admission.whole import check_whole
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, fetch_candidate, snapshots
from pitwall.sources.machinery.stage import ingest

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], Any]], None]


@pytest.fixture
def candidate(dump: Path, tmp_path: Path) -> Callable[[], Snapshot]:
    """Fetch the dump as it is now, without keeping it."""

    def fetched() -> Snapshot:
        folder = tmp_path / f"candidate-{len(list(tmp_path.glob('candidate-*')))}"
        folder.mkdir()
        return fetch_candidate(SOURCE, str(dump), ErgastSettings(), folder, now=NOW)

    return fetched


def only(*kept: str, column: str = "raceId") -> Callable[[Rows], None]:
    return lambda rows: rows.__setitem__(slice(None), [row for row in rows if row[column] in kept])


def race_files(dump: Path) -> list[Path]:
    return [path for path in sorted(dump.glob("*.csv")) if "raceId" in path.read_text().splitlines()[0].split(",")]


def vet(fresh: Snapshot, before: Snapshot | None, accept_removals: bool = False) -> tuple[int, ...]:
    check_whole(fresh)
    return check_continuity(fresh, before, accept_removals=accept_removals) if before else ()


def refused(fresh: Snapshot, before: Snapshot | None) -> str:
    with pytest.raises(SourceError) as said:
        vet(fresh, before)
    return str(said.value)


def test_more_of_the_same_is_news(dump: Path, edit: Editor, candidate: Callable[[], Snapshot]) -> None:
    before = candidate()
    edit("results", lambda rows: rows[0].update(points="24"))
    edit("races", lambda rows: rows[-1].update(date="2018-12-09"))
    assert vet(candidate(), before) == ()


def test_a_calendar_cut_in_half_is_refused(dump: Path, candidate: Callable[[], Snapshot]) -> None:
    before, path = candidate(), dump / "races.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[: len(lines) // 2]) + "\n")
    said = refused(candidate(), before)
    assert "cut short" in said and "--accept-removals" in said and "pitwall data ingest ergast" in said
    assert "2017-04" in said and "raceId 201704" in said


def test_results_cut_in_half_are_refused(dump: Path, candidate: Callable[[], Snapshot]) -> None:
    before, path = candidate(), dump / "results.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:15]) + "\n")  # the third race is left with two cars
    said = refused(candidate(), before)
    assert "results of" in said and "201703" in said


def test_survivors_only_are_refused_even_in_a_first_snapshot(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot]
) -> None:
    edit("results", lambda rows: rows.__setitem__(slice(None), [r for r in rows if int(r["positionOrder"]) <= 4]))
    said = refused(candidate(), None)
    assert "lack cars that qualified" in said and "2018-01" in said and "4 cars" in said


def test_more_than_three_planned_races_do_not_vanish_at_once(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot]
) -> None:
    kept = only("201701", "201702", "201703", "201704")
    for path in race_files(dump):
        if path.stem != "races":
            edit(path.stem, kept)
    before = candidate()  # the whole of 2018 is planned
    edit("races", only("201701", "201702", "201703", "201704", "201801"))
    assert vet(candidate(), before) == ()
    edit("races", kept)
    said = refused(candidate(), before)
    assert "4 planned races of one season" in said
    assert vet(candidate(), before, accept_removals=True) == (201801, 201802, 201803, 201804)


def renumber(*columns: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows:
            row.update({name: str(int(row[name]) + 5000) for name in columns if name in row})

    return change


@pytest.mark.parametrize("accept", [False, True])
def test_another_vendors_race_ids_are_refused(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot], accept: bool
) -> None:
    before = candidate()
    for path in race_files(dump):
        edit(path.stem, renumber("raceId", "resultId"))
    with pytest.raises(SourceError, match=r"another vendor.*new project") as said:
        vet(candidate(), before, accept_removals=accept)
    assert "2017-01 was raceId 201701, is 206701" in str(said.value) and str(dump) in str(said.value)


def test_other_numbers_for_the_same_drivers_are_refused(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot]
) -> None:
    before = candidate()

    def turn(rows: Rows) -> None:
        refs = [row["driverRef"] for row in rows]
        for row, ref in zip(rows, [*refs[1:], refs[0]], strict=True):
            row["driverRef"] = ref

    edit("drivers", lambda rows: rows[0].update(driverRef="spelt_better"))
    assert vet(candidate(), before) == ()
    edit("drivers", turn)
    assert "drivers have other ids: driverId 1 was" in refused(candidate(), before)


@pytest.mark.parametrize("column", ["driverId", "constructorId", "circuitId"])
@pytest.mark.parametrize("accept", [False, True])
def test_ids_of_another_range_are_another_vendors(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot], column: str, accept: bool
) -> None:
    before = candidate()
    for path in sorted(dump.glob("*.csv")):
        if column in path.read_text().splitlines()[0].split(","):
            edit(path.stem, renumber(column))
    with pytest.raises(SourceError, match=rf"have other ids: {column} \d+ was \w+, is unknown.*another vendor"):
        vet(candidate(), before, accept_removals=accept)


def test_race_ids_that_mean_other_races_are_another_vendors(
    dump: Path, edit: Editor, candidate: Callable[[], Snapshot]
) -> None:
    """They overlap with the ids of before, so that no race seems to be gone but the first one."""
    before, path = candidate(), dump / "races.csv"
    ids = pd.read_csv(path)["raceId"].tolist()
    following = dict(zip(map(str, ids), map(str, [*ids[1:], ids[-1] + 1]), strict=True))

    def shift(rows: Rows) -> None:
        for row in rows:
            row["raceId"] = following[row["raceId"]]

    for each in race_files(dump):
        edit(each.stem, shift)
    said = refused(candidate(), before)
    assert "races have other ids: raceId 201702 was 2017-02" in said and "another vendor" in said


def test_a_few_corrected_races_are_no_other_vendor(dump: Path, edit: Editor, candidate: Callable[[], Snapshot]) -> None:
    before = candidate()

    def swap(rows: Rows) -> None:
        one, other = rows[0], rows[1]
        for name in ("circuitId", "name", "date"):
            one[name], other[name] = other[name], one[name]

    edit("races", swap)
    edit("races", lambda rows: [row.update(round=str(int(row["round"]) + 1)) for row in rows])
    assert vet(candidate(), before) == ()


def test_nothing_is_kept_of_what_is_refused_and_a_removal_is_accepted_by_hand(
    dump: Path, edit: Editor, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    params = Params(sources={"ergast": {"location": str(dump)}})
    ingest(project, params, "ergast", NOW)
    for path in race_files(dump):
        edit(path.stem, lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["raceId"] != "201802"]))
    later = NOW.replace(day=8)
    with pytest.raises(SourceError, match="lacks what the newest snapshot"):
        ingest(project, params, "ergast", later)
    with pytest.raises(SourceError, match="lacks what the newest snapshot"):
        try_source(project, params, SOURCE, str(dump))
    rows, _ = try_source(project, params, SOURCE, str(dump), accept_removals=True)
    assert rows["races.csv"] == 7
    kept = snapshots(project.raw / "ergast")
    assert len(kept) == len(list((project.raw / "ergast").iterdir())) == 1
    assert ingest(project, params, "ergast", later, accept_removals=True).is_news
    kept = snapshots(project.raw / "ergast")
    assert kept[-1].accepted_removals == (201802,)
    made = build_tables(kept, TimeParams())
    assert not (made.tables["results"]["race_id"] == 201802).any()
    assert "2018-02" in made.called_off
    aside = made.quarantine[made.quarantine["table"] == "results"]
    assert len(aside) == 8 and set(aside["reason"]) == {"the source took the race back, which was accepted"}
    assert not ingest(project, params, "ergast", later.replace(day=9)).is_news
    assert pd.Timestamp(kept[-1].fetched_at) in set(made.tables["races"]["known_at"])
