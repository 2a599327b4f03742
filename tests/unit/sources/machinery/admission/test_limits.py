"""What a fetched snapshot may lack: a few broken lines are counted, a damaged or foreign form is refused with its reason."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import IngestParams, Params
from pitwall.domain.project import Project
from pitwall.sources.ergast import SOURCE
from pitwall.sources.machinery.admission.vetting import try_source
from pitwall.sources.machinery.stage import ingest, tables
from pitwall.testing.checks.source import SMALL_WORLD, small_laps

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], None]], None]


def _ingest(dump: Path, share: float = 0.02) -> tuple[Project, Params]:
    params = Params(sources={"ergast": {"location": str(dump)}}, ingest=IngestParams(max_set_aside=share))
    project = Project(dump.parent / "project")
    ingest(project, params, "ergast", NOW)
    return project, params


def _refused(dump: Path, share: float = 0.02) -> str:
    with pytest.raises(SourceError) as caught:
        _ingest(dump, share)
    home = dump.parent / "project" / "data" / "raw" / "ergast"
    assert not list(home.iterdir())
    return str(caught.value)


def _write(column: str, value: str, chosen: Callable[[Rows], Rows]) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in chosen(rows):
            row[column] = value

    return change


def _of_races(
    per_race: int, races: int, keep: Callable[[dict[str, str]], bool] = lambda _: True
) -> Callable[[Rows], Rows]:
    """Return a choice of the first lines of the first races."""

    def choose(rows: Rows) -> Rows:
        ids = sorted({row["raceId"] for row in rows})[:races]
        return [row for race in ids for row in [r for r in rows if r["raceId"] == race and keep(r)][:per_race]]

    return choose


def test_one_broken_line_is_set_aside_and_counted(dump: Path, edit: Editor) -> None:
    edit("results", _write("laps", "many", _of_races(1, 1)))
    project, params = _ingest(dump)
    assert tables(project, params).quarantined == {"results: laps: not a whole number from 0": 1}


def test_the_counts_of_a_snapshot_that_passes_are_told(dump: Path, edit: Editor) -> None:
    edit("results", _write("laps", "many", _of_races(1, 1)))
    params = Params(sources={"ergast": {"location": str(dump)}})
    told = ingest(Project(dump.parent / "project"), params, "ergast", NOW)
    assert told.set_aside == {"results: laps: not a whole number from 0": 1}
    assert "of these the tables will set aside: 1" in told.lines()


def test_too_many_lines_of_a_season_are_refused_with_the_form_examples_and_what_to_do(dump: Path, edit: Editor) -> None:
    edit("results", _write("laps", "fifty-two", _of_races(1, 3)))
    said = _refused(dump)
    assert "results: 3 of 24 lines of 2017 (12.5%) would be set aside; at most 2.0% may be" in said
    assert "laps: not a whole number from 0; found 'fifty-two' (3 lines)" in said
    assert said.count("laps 'fifty-two'") == 3
    assert "write laps as a whole number from 0." in said
    assert "ingest.max_set_aside in params.yaml" in said
    assert f"Correct {dump} and fetch again" in said


def test_the_share_is_a_parameter(dump: Path, edit: Editor) -> None:
    edit("results", _write("laps", "many", _of_races(1, 3)))
    _ingest(dump, share=0.13)
    with pytest.raises(SourceError, match=r"12\.5%"):
        try_source(Project(dump.parent / "other"), Params(ingest=IngestParams(max_set_aside=0.12)), SOURCE, str(dump))


def test_no_line_at_all_where_the_parameter_is_zero(dump: Path, edit: Editor) -> None:
    edit("results", _write("laps", "many", _of_races(1, 1)))
    assert "1 of 24 lines of 2017" in _refused(dump, share=0)


def test_a_season_hides_in_no_longer_history(dump: Path, edit: Editor) -> None:
    edit("practice", _write("position", "first", _of_races(1, 2)))
    lines = len(pd.read_csv(dump / "practice.csv"))
    share = 1.2 / lines  # of the whole table's lines these two are allowed, of one season's not
    assert "lines of 2017" in _refused(dump, share)


@pytest.mark.parametrize("table", ["results", "qualifying", "practice"])
def test_a_whole_race_is_refused(dump: Path, edit: Editor, table: str) -> None:
    edit(table, _write("driverId", "?", _of_races(100, 1)))
    assert f"{table}: all lines of the race 201701 (2017) would be set aside" in _refused(dump, share=1)


def test_a_race_of_the_calendar_is_refused_even_alone(dump: Path, edit: Editor) -> None:
    edit("races", _write("date", "soon", lambda rows: rows[-1:]))
    said = _refused(dump, share=1)
    assert "races: 1 race(s) would be set aside (201804 (2018))" in said
    assert "found 'soon' (1 line)" in said


def test_two_cars_of_a_race_pass_and_three_are_refused(dump: Path, edit: Editor) -> None:
    edit("qualifying", _write("position", "-", _of_races(2, 4)))
    _ingest(dump, share=1)
    edit("qualifying", _write("position", "-", _of_races(3, 1)))
    with pytest.raises(SourceError, match="qualifying: 3 cars of the race 201701 .2017. would be set aside; at most 2"):
        _ingest(dump, share=1)


def test_a_car_that_keeps_some_of_its_lines_is_not_lost(dump: Path, edit: Editor) -> None:
    edit("practice", _write("position", "-", lambda rows: [row for row in rows if row["session"] == "FP1"]))
    _ingest(dump, share=1)


def _out(row: Mapping[str, str]) -> bool:
    return not row["positionText"].isdigit()


def _mark_out(rows: Rows) -> None:
    """Let the last car of each race retire, and every other one finish."""
    last_place = {row["raceId"]: row["positionOrder"] for row in rows}
    for row in rows:
        last = row["positionOrder"] == last_place[row["raceId"]]
        row["position"], row["positionText"] = ("\\N", "R") if last else (row["positionOrder"], row["positionOrder"])


def test_survivors_are_refused_and_as_many_lines_of_all_cars_are_not(dump: Path, edit: Editor) -> None:
    edit("results", _mark_out)
    whole = (dump / "results.csv").read_text()
    edit("results", _write("laps", "", _of_races(1, 6)))
    _ingest(dump, share=1)
    (dump / "results.csv").write_text(whole)
    edit("results", _write("laps", "", _of_races(1, 6, _out)))
    with pytest.raises(SourceError) as caught:
        _ingest(dump, share=1)
    said = str(caught.value)
    assert "results: 100% of the 6 lines that would be set aside are cars that did not finish, against 15%" in said
    assert "a history of survivors" in said


def test_shared_drives_do_not_count(dump: Path, edit: Editor) -> None:
    def earlier(rows: Rows) -> None:
        for row in rows:
            row["year"] = str(int(row["year"]) - 60)
            row["date"] = f"{row['year']}{row['date'][4:]}"

    def share(rows: Rows) -> None:
        rows += [{**row, "resultId": str(1000 + n), "positionOrder": str(20 + n)} for n, row in enumerate(rows[:12])]

    edit("races", earlier)
    edit("results", share)
    project, params = _ingest(dump)
    assert tables(project, params).quarantined == {"results: shared drive: merged into the driver's best line": 12}


def test_lines_that_tell_no_race_count_against_the_whole_table(dump: Path) -> None:
    path = dump / "qualifying.csv"
    whole = path.read_text()
    path.write_text(whole + "torn\n")
    _ingest(dump)
    path.write_text(whole + "torn\n" * 3)
    with pytest.raises(SourceError, match="qualifying: 3 of 51 lines") as caught:
        _ingest(dump)
    assert "line 'torn'" in str(caught.value)
    assert "put values that hold a comma into quotes" in str(caught.value)


def test_the_cause_is_named_where_an_id_is_missed(dump: Path, edit: Editor) -> None:
    edit("drivers", _write("driverRef", "", lambda rows: rows[:1]))
    said = _refused(dump)
    assert "driverId: unknown id" in said
    assert "add the missing ids to drivers" in said
    assert "Look first at drivers, of which 1 lines are set aside" in said
    assert "driverRef: not given" in said


def _laps_project(tmp_path: Path) -> tuple[Project, Params, Path]:
    small_laps(tmp_path / "feed")
    params = Params(sources={"synthetic": SMALL_WORLD, "fastf1_laps": {"location": str(tmp_path / "feed")}})
    project = Project(tmp_path / "project")
    ingest(project, params, "synthetic", NOW)
    return project, params, tmp_path / "feed" / "laps_2017.parquet"


def _change(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(path)).to_parquet(path)


def _backwards(cars: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Let the laps of some cars end before they start."""

    def change(laps: pd.DataFrame) -> pd.DataFrame:
        chosen = laps["driverId"].isin(sorted(laps["driverId"].unique())[:cars])
        return laps.assign(Time=laps["Time"].where(~chosen, laps["LapStartTime"] - 1))

    return change


def test_laps_are_judged_by_season_race_and_car(tmp_path: Path) -> None:
    project, params, path = _laps_project(tmp_path)
    loose = params.model_copy(update={"ingest": IngestParams(max_set_aside=1)})
    whole = path.read_bytes()
    _change(path, _backwards(1))
    with pytest.raises(SourceError, match=r"laps: \d+ of \d+ lines of 2017"):
        ingest(project, params, "fastf1_laps", NOW)
    path.write_bytes(whole)
    _change(path, _backwards(3))
    with pytest.raises(SourceError, match="laps: 3 cars of the race 201701"):
        ingest(project, loose, "fastf1_laps", NOW)
    path.write_bytes(whole)
    _change(path, _backwards(100))
    with pytest.raises(SourceError, match="laps: all lines of the race 201701"):
        ingest(project, loose, "fastf1_laps", NOW)
    path.write_bytes(whole)
    assert ingest(project, params, "fastf1_laps", NOW).is_news


def test_laps_of_seasons_that_the_calendar_does_not_hold_are_no_loss(tmp_path: Path) -> None:
    project, params, path = _laps_project(tmp_path)
    elsewhere = pd.read_parquet(path).assign(raceId=900, Season=2016)
    elsewhere.to_parquet(path.with_name("laps_2016.parquet"))
    told = ingest(project, params, "fastf1_laps", NOW)
    assert told.set_aside == {"laps: raceId: unknown id": len(elsewhere)}


def test_laps_of_a_race_that_the_calendar_should_hold_are_refused(tmp_path: Path) -> None:
    project, params, path = _laps_project(tmp_path)
    pd.read_parquet(path).assign(raceId=900).to_parquet(path.with_name("laps_2016.parquet"))
    with pytest.raises(SourceError, match="laps: all lines of the race 900"):
        ingest(project, params, "fastf1_laps", NOW)


def test_laps_that_come_before_any_results_are_read_without_a_calendar(tmp_path: Path) -> None:
    _, params, path = _laps_project(tmp_path)
    bare = Project(tmp_path / "bare")
    assert ingest(bare, params, "fastf1_laps", NOW).set_aside == {}
    _change(path, lambda laps: laps.assign(Time=-1.0))
    with pytest.raises(SourceError, match="no value of the column 'Time' is a lap time"):
        ingest(Project(tmp_path / "bare2"), params, "fastf1_laps", NOW)
