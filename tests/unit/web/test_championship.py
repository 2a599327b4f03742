"""The page of the championship: exported chances beside the share of points, over the rounds, and seasons that were not exported."""

import json

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.project import Project
from pitwall.domain.records.chain import GENESIS, canonical, sealed
from pitwall.domain.records.track_record import record_file
from pitwall.web.app import create_pages
from pitwall.workflows.workspace import Workspace

HOSTILE = "<img src=x onerror=alert(1)>"


def chance(who, title, points, **more):
    about = {"who": who, "name": f"Driver {who}", "place": who, "points": points, "title": title, "error": 0.01}
    return {**about, "expected": points + 9, "low": points, "high": points + 20, "certain": False, "out": False, **more}


def forecast(season, *lines, after=2, draws=100):
    made = {
        "season": season,
        "after": after,
        "rounds": 5,
        "cutoff": "2024-03-01T00:00:00+00:00",
        "drivers": list(lines),
    }
    about = {"teams": list(lines), "labels": [HOSTILE], "seed": 1, "draws": draws, "model": "order-pre_weekend"}
    return {**made, **about, "version": 1, "estimator": "stack", "drift": {}, "provenance": {}, "history": []}


def title(after, first):
    said = {"ours": {"1": first, "2": round(1 - first, 6)}, "baseline": {"1": 0.5, "2": 0.5}}
    about = {"race": f"2024-{after + 1:02d}", "stage": "pre_weekend", "model": "order-pre_weekend", "version": 1}
    row = {
        "kind": "title",
        **about,
        "season": 2024,
        "after": after,
        "draws": 100,
        "content": f"{after}",
        "in_time": True,
    }
    dated = {"at": "2024-01-01T00:00:00+00:00", "starts_at": "2024-03-01T00:00:00+00:00"}
    return {**row, **dated, "said": {"drivers_title": said, "constructors_title": said}}


@pytest.fixture(scope="module")
def browser(served, tmp_path_factory):
    root = tmp_path_factory.mktemp("titles")
    for name in ("params.yaml", "dvc.yaml"):
        (root / name).write_text((served.project.root / name).read_text())
    app = create_pages(Workspace(Project(root)), ServingSettings())
    headers = {"Accept": "text/html"}
    with TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False) as made:
        made.root = root
        yield made


def export(root, made):
    path = root / "serving" / "championship" / f"{made['season']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"season": made["season"], "written": "2024-03-01T00:00:00+00:00", "vintage": ""}
    path.write_text(json.dumps({**facts, "championship": made}))


def test_without_an_export_the_page_says_what_to_run_then_shows_chances_and_rounds(browser):
    assert "No title chances were exported yet" in browser.get("/championship").text
    export(browser.root, forecast(2024, chance(1, 0.6, 40), chance(2, 0.4, 30, name=HOSTILE)))
    html = browser.get("/championship").text
    assert "<b>60.0 % ± 1.0</b>" in html and "40.0 % ± 1.0" in html and "drawn 100 times" in html
    assert "<img src=x" not in html and html.count("&lt;img src=x") >= 3
    assert "Over the rounds" not in html and "needs no model" not in html

    rows, prev = [title(1, 0.3), title(2, 0.6)], GENESIS
    path = record_file(Project(browser.root))
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(rows, start=1):
        made = sealed(row, number, prev)
        prev = made["hash"]
        with path.open("a") as file:
            file.write(canonical(made) + "\n")
    html = browser.get("/championship?season=2024").text
    assert "Over the rounds" in html and "<small>50.0 %</small>" in html
    assert "Drivers,Driver 1,30.0,60.0" in browser.get("/championship?csv=3").text


def test_a_season_that_is_over_has_a_table_and_no_chances_and_another_is_told(browser):
    export(browser.root, forecast(2023, chance(1, 1.0, 90, certain=True), after=5, draws=0))
    html = browser.get("/championship?season=2023").text
    assert "the table is final" in html and "P(title)" not in html
    wrong = browser.get("/championship?season=1999")
    assert wrong.status_code == 404 and "2024" in wrong.text
