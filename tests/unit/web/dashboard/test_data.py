"""Data, features and monitoring: what the files hold, a page at a time, and what to run where there is nothing yet."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall.domain.tables import load_tables
from pitwall.report.content.blocks import Facts, Fold, Table, Text
from pitwall.report.content.document import Document, Section, rows_of, sections_of
from pitwall.workflows.browse import catalogue, tables
from pitwall.workflows.monitoring.pages import shelf

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def aside(world):
    """Sixty lines that were set aside, one with a hostile name."""
    path = world.project.tables / "quarantine.parquet"
    lines = [
        {"table": "results", "reason": "no such driver", "row": json.dumps({"driver": EVIL, "n": n})} for n in range(60)
    ]
    lines.append({"table": "races", "reason": "no date", "row": "{}"})
    pd.DataFrame(lines).to_parquet(path)
    yield
    path.unlink()


def test_tables_are_listed_with_their_lines(browser, plain, world):
    text = plain("/data")
    count = len(load_tables(world.project.tables)["results"])
    assert f"results {count}" in text and "synthetic" in text and "No line was set aside" in text
    assert 'href="/data/results"' in browser.get("/data").text


def test_a_table_is_shown_a_page_at_a_time_with_what_its_columns_hold(browser, plain, world):
    total = len(load_tables(world.project.tables)["results"])
    first, last = (tables.preview(world.project, "results", at) for at in (1, -(-total // tables.EACH)))
    assert (first.total, len(first.lines.rows), len(last.lines.rows)) == (total, 50, total % 50 or 50)
    text = plain("/data/results")
    assert "page 1 of" in text and "key" in text and "instant, UTC" in text
    assert browser.get("/data/results?csv=1").text.startswith("race_id,driver_id,")
    assert browser.get("/data/results?at=999").status_code == 200


@pytest.mark.parametrize("name", ["quarantines", "..%2fparams", "../../params.yaml", "results.parquet"])
def test_no_other_file_is_read(browser, name):
    answer = browser.get(f"/data/{name}")
    assert answer.status_code == 404 and "plackett" not in answer.text


def test_lines_that_were_set_aside_are_paged_by_reason_and_are_text(browser, plain, aside):
    text = plain("/data/quarantine")
    assert "61 lines" in text and "results: no such driver (60)" in text
    second = browser.get("/data/quarantine", params={"reason": "results: no such driver", "at": "2"}).text
    assert second.count("no such driver</td>") == 10 and EVIL not in second and "&lt;img src=x" in second
    assert "races: no date" in plain("/data")


def test_features_have_meaning_unit_leak_class_and_the_share_without_a_value(browser, plain, world):
    found = catalogue.group_of(world.project, "session")
    world.project.features.mkdir(parents=True, exist_ok=True)
    path = world.project.features / "session.parquet"
    frame = pd.DataFrame({name: [1.0, None, 3.0, None] for name in found.group.names}).assign(
        grid=[1.0, 2.0, 3.0, None]
    )
    frame.to_parquet(path)
    try:
        again = catalogue.group_of(world.project, "session")
        assert (again.rows, again.nulls["grid"], again.nulls["qualifying_place"]) == (4, 0.25, 0.5)
        text = plain("/features/session")
        assert (
            "starting slot after penalties" in text and "pre_race" in text and "25%" in text and again.version in text
        )
    finally:
        path.unlink()
    assert "not built yet" in plain("/features/session")
    listed = plain("/features")
    assert "session" in listed and "Not available" in listed and "fuel_load" in listed
    assert browser.get("/features/sesion").status_code == 404


def test_the_newest_week_is_shown_as_it_was_written(browser, plain, world):
    assert "pitwall monitor" in plain("/monitoring")
    sections = (Section("Alarms", (Text(EVIL), Fold("All", (Table(("a",), (("1",),)), Facts((("b", "2"),))), "1"))),)
    for week, alarms in (("2024-W10", ("one",)), ("2024-W11", ())):
        row = {"at": datetime(2024, 3, 10, tzinfo=UTC).isoformat(), "alarms": list(alarms)}
        found = SimpleNamespace(week=week, alarms=alarms, row=lambda row=row: row)
        shelf.write_page(world.project, found, Document(f"Monitoring, {week}", "fine", sections, "monitoring"))
    html = browser.get("/monitoring").text
    assert "Monitoring, 2024-W11" in html and "No alarm." in html and EVIL not in html and "<summary>All" in html
    assert 'href="/monitoring/2024-W10"' in html and "1 alarm." in plain("/monitoring/2024-W10")
    (world.project.reports / shelf.FOLDER / f"2024-W10{shelf.DOCUMENT}").unlink()
    assert "written by an earlier version" in plain("/monitoring/2024-W10")
    assert browser.get("/monitoring/2024-W12").status_code == 404
    assert browser.get("/monitoring/..%2f2024-W11").status_code == 404


def test_folds_are_kept_as_data():
    sections = (Section("a", (Fold("title", (Fold("inner", (Text("x"),)),), "small", open=True),)),)
    assert sections_of(json.loads(json.dumps(rows_of(sections)))) == sections
