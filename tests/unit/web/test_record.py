"""The pages of the track record and of duels: what is counted, what is refused by line, and hostile names as text."""

import random
import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from pitwall.domain import clock
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.project import Project
from pitwall.domain.records.chain import GENESIS, canonical, sealed
from pitwall.domain.records.track_record import record_file
from pitwall.testing.fakes.ports import FakeFeatureReader, FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.web.app import create_pages
from pitwall.workflows.workspace import Workspace

MODEL = "order-pre_race"
HOSTILE = "<img src=x onerror=alert(1)>"
HEAD = "race,driver,template,probability\n"


def forecast(race, number, version=1, role="champion"):
    content = f"{role}{race}"
    about = {"race": race, "stage": "pre_race", "model": MODEL, "version": version, "content": content}
    dated = {"at": f"2023-{number:02d}-01T00:00:00+00:00", "starts_at": f"2023-{number:02d}-02T15:00:00+00:00"}
    said = {"role": role, "in_time": True, "what_if": False, "templates": ["race_winner"], "file": f"{race}.json"}
    return {"kind": "forecast", **about, **dated, **said, "made_at": dated["at"], "cutoff": dated["at"]}


def score(made, ours, baseline):
    about = {name: made[name] for name in ("race", "stage", "model", "version", "content", "at")}
    sides = {"ours": {"log_loss": ours}, "baseline": {"log_loss": baseline}}
    return {"kind": "score", **about, "scores": {"race_winner": sides}}


def seasons(races=12, seed=3):
    """Return forecasts of both arms of a test, each with its scores, and a missed one."""
    draw = random.Random(seed)
    design = {"champion": 1, "challenger": 2, "split": 0.5, "question": "race_winner", "metric": "log_loss"}
    more = {"bound": 1.0, "alpha": 0.05, "salt": "s", "by": HOSTILE, "why": HOSTILE}
    rows = [{"kind": "ab", "at": "2023-01-01T00:00:00+00:00", "model": MODEL, "event": "start", **design, **more}]
    for number in range(1, races + 1):
        race, loss = f"2023-{number:02d}", draw.uniform(0.8, 1.4)
        for version, role in enumerate(("champion", "challenger"), start=1):
            made = forecast(race, number, version, role)
            rows += [made, score(made, loss - 0.1 * version, loss)]
    about = {"race": "2023-13", "stage": "pre_race", "model": MODEL, "at": "2023-12-20T00:00:00+00:00"}
    return [*rows, {"kind": "missed", **about, "starts_at": "2023-12-19T00:00:00+00:00"}]


def write(project, rows):
    prev, lines = GENESIS, []
    for number, row in enumerate(rows, start=1):
        made = sealed(row, number, prev)
        prev = made["hash"]
        lines.append(canonical(made))
    path = record_file(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture
def project(served):
    record_file(served.project).unlink(missing_ok=True)
    yield served.project
    record_file(served.project).unlink(missing_ok=True)


@pytest.fixture
def browser(served, project):
    given = {"params": served.workspace.params, "registry": FakeRegistry(), "runs": FakeTracker()}
    reader = FakeFeatureReader(served.tables, served.workspace.params)
    app = create_pages(Workspace(Project(project.root), **given, features=reader), ServingSettings())
    headers = {"Accept": "text/html"}
    with TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False) as made:
        yield made


def hand(browser, text, by="Ada"):
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get("/record/duel").text)[1]
    return browser.post("/record/duel", data={"csrf": token, "by": by, "forecasts": text})


def at(monkeypatch, *day):
    monkeypatch.setattr(clock, "now", lambda: datetime(*day, tzinfo=UTC))


def test_an_empty_record_says_what_enters_a_forecast(browser):
    assert (
        "The record is empty: <code>" in browser.get("/record").text
        or "The record is empty" in browser.get("/record").text
    )


def test_the_record_shows_its_head_sums_gains_missed_and_tests(browser, project):
    rows = seasons()
    write(project, rows)
    html = browser.get("/record").text
    last = record_file(project).read_text().splitlines()[-1]
    assert re.search(r'"hash":"(\w+)"', last)[1] in html and "notary" in html
    assert html.count("<img alt=") == 2 and "Gained on the baseline" in html
    gained = browser.get("/record?csv=2").text.splitlines()
    assert gained[0] == "race,forecast,baseline,gained so far" and gained[-1].split(",")[-1] == "+1.200"
    assert len(gained) == 13 and "2023-13" in html and "Missed" in html
    assert "12 races count" in html and "<img src=x" not in html
    assert 'href="/forecasts/2023-01.json"' in html


def test_long_tables_are_paged_and_a_season_is_chosen(browser, project):
    write(project, [*seasons(12), *(forecast(f"2022-{number:02d}", 1) for number in range(1, 31))])
    first, second = browser.get("/record").text, browser.get("/record?number=2").text
    assert "older (page 1 of 2)" in first and "newer" in second
    assert "/forecasts/2022-30.json" in first and "/forecasts/2022-30.json" not in second
    assert browser.get("/record?number=3").status_code == 409
    html = browser.get("/record?season=2022").text
    assert "/forecasts/2022-05.json" in html and "/forecasts/2023-05.json" not in html


def test_a_changed_row_is_found_and_a_whole_record_is_called_whole(browser, project):
    write(project, [{**seasons(0)[-1], "race": f"2023-{number:02d}"} for number in range(1, 4)])
    whole = browser.get("/record/verify").text
    assert "0 findings" in whole and "cannot be told from the true one" in whole
    path = record_file(project)
    path.write_text(path.read_text().replace('"2023-02"', '"2023-09"', 1))
    assert "0 findings" not in browser.get("/record/verify").text
    assert browser.get("/record/verify?head=nonsense").status_code == 409


def test_forecasts_are_handed_in_and_what_is_refused_is_told_by_line(browser, project, monkeypatch):
    at(monkeypatch, 2024, 3, 1)
    lines = "2024-03,driver_1,race_winner,0.6\n2024-03,driver_2,race_winner,0.4\n2024-03,nobody,race_winner,0.1\n2031-01,driver_1,race_winner,1\n"
    html = hand(browser, HEAD + lines, HOSTILE).text
    assert "1 forecasts entered, 2 refused" in html and "line 4:" in html and "line 5:" in html
    assert "<img src=x" not in html and "&lt;img src=x" in html
    assert "0 forecasts of" in html and "1 wait for one" in html
    assert '"kind":"own"' in record_file(project).read_text()


def test_what_comes_too_late_or_is_no_file_is_refused_and_enters_nothing(browser, project):
    html = hand(browser, HEAD + "2024-02,driver_1,race_winner,1.0\n").text
    assert "0 forecasts entered, 1 refused" in html and "too late" in html
    assert hand(browser, "a,b\n1,2\n").status_code == 409
    assert "no column race, driver" in hand(browser, "a,b\n1,2\n").text and hand(browser, HEAD, "  ").status_code == 409
    assert not record_file(project).is_file()
    assert browser.post("/record/duel", data={"by": "Ada", "forecasts": HEAD}).status_code == 403


def test_a_duel_stands_beside_those_who_forecast_the_race(browser, project, monkeypatch):
    with monkeypatch.context() as then:
        at(then, 2024, 1, 1)
        hand(browser, HEAD + "2024-02,driver_1,race_winner,0.6\n2024-02,driver_2,race_winner,0.4\n")
    html = browser.get("/record/duel?by=Ada").text
    assert "1 forecasts of Ada have a result, 0 wait for one." in html
    assert "race_winner: no champion (no forecast in time) of 2024-02" in html and "yours on these" in html


def test_a_file_to_begin_with_has_the_cars_of_the_next_race(browser, monkeypatch):
    assert '<a href="/record/duel/template" download>' in browser.get("/record/duel").text
    text = browser.get("/record/duel/template").text
    assert text.startswith(HEAD + "2024-03,driver_2,race_winner,0.1666") and len(text.splitlines()) == 7
    at(monkeypatch, 2024, 3, 1)
    assert "1 forecasts entered, 0 refused" in hand(browser, text).text
