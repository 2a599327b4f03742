"""The page of the next race: chances, stages, what-ifs through the API's own code, stored forecasts, and names that are hostile."""

import json
import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.project import Project
from pitwall.ml.forecasting.answers import store
from pitwall.testing.fakes.ports import FakeFeatureReader
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.load.world import ORDER
from pitwall.web.app import create_pages
from pitwall.workflows.record.enter import enter
from pitwall.workflows.serving.export import publish_forecast
from pitwall.workflows.serving.shown.forecasts import forecast_of
from pitwall.workflows.workspace import Workspace

HOSTILE = "<img src=x onerror=alert(1)>"
NEXT = "2024-03"


@pytest.fixture
def bodies(app, monkeypatch):
    """Return what the server answers, body after body."""
    found, answer = [], app.state.server.answer

    async def spied(*args, **kwargs):
        response = await answer(*args, **kwargs)
        found.append(json.loads(response.body))
        return response

    monkeypatch.setattr(app.state.server, "answer", spied)
    return found


@pytest.fixture(scope="module")
def stored(served, app):
    with TestClient(app, base_url="http://localhost") as api:
        answer = api.post("/api/v1/explain/race_winner", json={"race": NEXT}).json()
    path = store(served.project, forecast_of(answer))
    given = {"params": served.workspace.params, "registry": served.registry, "runs": FakeTracker()}
    given["features"] = FakeFeatureReader(served.tables, served.workspace.params)
    with Workspace(served.project, **given) as workspace:
        enter(workspace, path)
        publish_forecast(workspace, path, ORDER)
    return path


def refs(html):
    return re.findall(r'name="grid" value="([a-z0-9_]+)"', html)


def percents(html):
    return re.findall(r"<b>([\d.]+) %</b>", html)


def test_the_page_says_what_the_api_says_with_reasons_and_origin(browser):
    html, api = browser.get("/").text, browser.get("/api/v1/predict/race_winner").json()
    assert api["race"] == NEXT and f"<h1>{api['race_name']} {NEXT}</h1>" in html
    assert percents(html) == [f"{100 * row['answer']:.1f}" for row in api["rows"]]
    assert f"<small>{100 * api['rows'][0]['baseline']:.1f} %</small>" in html
    later = re.search(r'data-later="(/why[^"]*)"', html)[1].replace("&amp;", "&")
    because = browser.get(later).text
    assert "grid<small>" in because and "<h1>Why: " in because and because.count("<details") == len(api["rows"])
    places = browser.get(re.search(r'data-later="(/places[^"]*)"', html)[1].replace("&amp;", "&")).text
    assert "<h1>Places: " in places and all(str(row["names"]["driver"]) in places for row in api["rows"])
    assert "says nothing of single places" in browser.get("/places?template=dnf").text
    assert "/places" not in browser.get("/?template=dnf").text
    assert api["content"] in html and "order-pre_race version 1, stack" in html
    assert "Place, 80 %" in html and 'name="template"' in html
    assert percents(browser.get("/?template=dnf").text) != percents(html)


def test_a_stage_that_cannot_be_asked_says_why_and_the_latest_is_shown(browser):
    html = browser.get("/?stage=pre_weekend").text
    assert "pre_weekend cannot be asked: no order-pre_weekend is served" in html
    assert percents(html) == percents(browser.get("/").text)


def test_a_forecast_at_an_instant_has_an_address_and_another_instant_is_told_with_near_ones(browser):
    html = browser.get("/").text
    there = re.search(r'href="(/\?[^"]*as_of=[^"]*)"', html)[1].replace("&amp;", "&")
    assert percents(browser.get(there).text) == percents(html)
    wrong = browser.get("/?as_of=2024-01-01T00:00Z")
    assert wrong.status_code == 404 and "nothing was exported as of then" in wrong.text and "2024-03" in wrong.text
    assert browser.get("/?race=2031-01").status_code == 404 and browser.get("/?template=wizard").status_code == 404


def test_a_model_is_asked_by_its_name(browser):
    assert "Does the car retire?</h2>" in browser.get("/?model=dnf-pre_race").text
    assert browser.get("/?model=nobody").status_code == 404


def test_a_what_if_is_the_api_s_answer_to_the_bit_and_is_logged(browser, bodies, served):
    order = list(reversed(refs(browser.get("/").text)))
    before = log_of(served)
    html = browser.get("/", params={"grid": ",".join(order)}).text
    shown = bodies[-1]
    grid = {ref: slot for slot, ref in enumerate(order, start=1)}
    asked = browser.post("/api/v1/predict/race_winner", json={"grid_positions": grid}).json()
    assert {**shown, "data_age_s": 0} == {**asked, "data_age_s": 0}
    assert "what if: the grid is that of the question" in html and "What this would change" in html
    assert percents(html) == [f"{100 * row['answer']:.1f}" for row in asked["rows"]]
    assert percents(html) != percents(browser.get("/").text)
    added = [line for line in log_of(served)[len(before) :] if line.get("changed")]
    assert len(added) == 2 and added[0]["changed"] == added[1]["changed"] and added[0]["holder"] == ""
    later = re.search(r'data-later="(/why[^"]*)"', html)[1].replace("&amp;", "&")
    explained = browser.post("/api/v1/explain/race_winner", json={"grid_positions": grid}).json()
    browser.get(later)
    assert bodies[-1]["rows"] == explained["rows"]
    assert refs(html) == order and "Back to the forecast as it is" in html


def test_who_is_left_out_does_not_start(browser, bodies):
    every = refs(browser.get("/").text)
    html = browser.get("/", params={"grid": ",".join(every[1:])}).text
    asked = {"entries": every[1:], "grid_positions": {ref: slot for slot, ref in enumerate(every[1:], start=1)}}
    api = browser.post("/api/v1/predict/race_winner", json=asked).json()
    assert [row["answer"] for row in bodies[-2]["rows"]] == [row["answer"] for row in api["rows"]]
    assert "does not start" in html and len(percents(html)) == len(every) - 1
    assert len(re.findall(r'value="[a-z0-9_]+" checked', html)) == len(every) - 1
    assert browser.get("/?grid=nobody").status_code == 404


def test_a_form_s_list_becomes_one_address(browser):
    answer = browser.get("/?race=2024-03&grid=driver_2&grid=driver_1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?race=2024-03&grid=driver_2%2Cdriver_1")


def test_a_past_race_says_that_it_is_judged(browser):
    assert "Driven 2023" in browser.get("/?race=2023-02").text


def test_hostile_names_are_shown_as_text(browser, app, monkeypatch):
    catalogue = app.state.server.answers.catalogue
    read = catalogue.vectors

    def hostile(name, race, stage):
        found = read(name, race, stage)
        names = [{**each, "driver": HOSTILE, "team": HOSTILE} for each in found.facts["names"]]
        facts = {**found.facts, "names": names, "race": {**found.facts["race"], "name": HOSTILE}}
        return replace(found, facts=facts, digest="0" * 64)

    monkeypatch.setattr(catalogue, "vectors", hostile)
    for address in ("/", "/?grid=driver_1,driver_2", "/why", "/why?grid=driver_1,driver_2", "/places"):
        html = browser.get(address).text
        assert "<img src=x" not in html and html.count("&lt;img src=x") > 2, address


def test_stored_forecasts_are_listed_and_shown_as_they_were_made(browser, stored):
    address = f"/forecasts/{stored.name}"
    for page in ("/", "/forecasts"):
        assert address in browser.get(page).text
    html = browser.get(address).text
    said = json.loads(stored.read_text())
    assert percents(html) == [f"{100 * row['answers']['race_winner']:.1f}" for row in said["rows"]]
    assert "and not changed since. Row 1 of the record" in html
    for wrong in ("/forecasts/nothing.json", "/forecasts/..%2F..%2Fparams.yaml", "/forecasts?number=2"):
        assert browser.get(wrong).status_code in {404, 409}, wrong


def test_a_project_without_models_says_what_to_run(tmp_path, served):
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).write_text((served.project.root / name).read_text())
    empty = create_pages(Workspace(Project(tmp_path)), ServingSettings())
    with TestClient(empty, base_url="http://localhost", headers={"Accept": "text/html"}) as fresh:
        html = fresh.get("/").text
        assert "No model answers here yet" in html and "pitwall run race-weekend" in html
        assert "No forecast is stored yet" in fresh.get("/forecasts").text
        assert "The tables hold no race with laps" in fresh.get("/live").text
        for path in ("/record", "/record/duel", "/record/duel/template", "/championship"):
            assert fresh.get(path).status_code == 200, path


def log_of(served):
    files = sorted((served.project.state / "answers").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().split("\n") if line.strip()]
