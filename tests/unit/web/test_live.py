"""The pages of races under way: what the file of a watcher says is shown, honestly where it is silent, dead or has failed."""

import os
import re
import shutil
import signal
import time
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.testing.live.project import live_project
from pitwall.testing.live.watched import watched
from pitwall.web.app import create_pages, statics_version
from pitwall.workflows.live.published import Publisher, folder
from pitwall.workflows.live.watchers.notes import Notes, is_held, life, read_notes, write_notes
from pitwall.workflows.live.watchers.state import watcher
from pitwall.workflows.workspace import Workspace

RACE, OTHER = "2023-12", "2023-11"
HOSTILE = "<img src=x onerror=alert(1)>"
WAIT_S = 90.0


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return live_project(tmp_path_factory.mktemp("live"))


@pytest.fixture
def project(world):
    shutil.rmtree(folder(world), ignore_errors=True)
    return world


@pytest.fixture(scope="module")
def browser(world):
    app = create_pages(Workspace(world), ServingSettings())
    headers = {"Accept": "text/html"}
    with TestClient(app, base_url="http://localhost", headers=headers, raise_server_exceptions=False) as made:
        yield made


def tell(project, race, answers, *, over=True):
    with Publisher(project, race, source="replay", every="per_lap") as out:
        for answer in answers:
            out.say(answer)
        if not over:
            out._ended = True  # as of a process that was killed


def post(browser, address, **fields):
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get("/live").text)[1]
    return browser.post(address, data={"csrf": token, **fields}, follow_redirects=False)


def until(holds):
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.1)


def test_a_race_is_shown_at_the_newest_lap_and_at_the_one_of_the_address(browser, project):
    answers = list(watched(RACE, laps=5))
    tell(project, RACE, answers)
    html = browser.get(f"/live/{RACE}").text
    assert f"<h1>{answers[-1].race_name} {RACE}</h1>" in html and f"lap {answers[-1].lap} of" in html
    assert "replay, finished. The race is over." in html and "Stop the watcher" not in html
    assert answers[-1].cars[0].driver in html and "data-live=" in html and "/live.js" in html
    at = browser.get(f"/live/{RACE}?lap=2").text
    assert "lap 2 of" in at and f"lap {answers[-1].lap} of" not in at
    assert browser.get(f"/static/{statics_version()}/live.js").status_code == 200
    assert "data-again" not in html
    listed = browser.get("/live").text
    assert f'<a href="/live/{RACE}">' in listed and "finished" in listed


def test_the_table_of_the_page_and_the_stream_say_the_same(browser, project):
    answer = list(watched(RACE, laps=3))[-1]
    tell(project, RACE, [answer])
    csv = browser.get(f"/live/{RACE}?csv=1").text.splitlines()
    api = browser.get(f"/api/v1/live/{RACE}").json()["answer"]
    assert [line.split(",")[1] for line in csv[1:]] == [car["driver"] for car in api["cars"]]
    assert len(csv) == 1 + len(answer.cars)


def test_silence_and_withheld_answers_are_told(browser, project):
    answer = list(watched(RACE, laps=3))[-1]
    tell(project, RACE, [replace(answer, withheld=True, notes=("feed silent for 342 s",))])
    html = browser.get(f"/live/{RACE}").text
    assert "nothing is answered: what is known is too old" in html and "feed silent for 342 s" in html


def test_a_watcher_that_was_killed_is_told_and_not_called_alive(browser, project):
    tell(project, RACE, watched(RACE, laps=3), over=False)
    html = browser.get(f"/live/{RACE}").text
    assert "replay, gone. Its process ended without a word" in html and "data-again" not in html


def test_a_watcher_that_lives_is_told_and_the_page_goes_on_asking(browser, project):
    with Publisher(project, RACE, source="replay", every="per_lap") as out:
        out.say(next(iter(watched(RACE, laps=3))))
        html = browser.get(f"/live/{RACE}").text
        assert "It follows the race." in html and 'data-again="3"' in html
        assert post(browser, "/live/start", source="replay", race=RACE).status_code == 409
        assert post(browser, f"/live/{RACE}/stop").status_code == 409  # it is one of a terminal


@pytest.mark.parametrize(
    ("age_s", "failed", "state"), [(1, "", "starting"), (600, "", "gone"), (600, HOSTILE, "failed")]
)
def test_a_start_is_not_forgotten_before_the_first_answer(browser, project, age_s, failed, state):
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - age_s))
    write_notes(project, Notes(RACE, "replay", None, at, 0, failed))
    html = browser.get(f"/live/{RACE}").text
    assert f"replay, {state}." in html and "<img src=x" not in html
    assert ("data-again" in html) is (state == "starting")


def test_hostile_names_of_drivers_are_shown_as_text(browser, project):
    answer = list(watched(RACE, laps=2))[-1]
    cars = tuple(replace(car, driver=HOSTILE, team=HOSTILE, name=HOSTILE) for car in answer.cars)
    tell(project, RACE, [replace(answer, cars=cars, race_name=HOSTILE, notes=(HOSTILE,))])
    html = browser.get(f"/live/{RACE}").text
    assert "<img src=x" not in html and html.count("&lt;img src=x") >= 2 * len(cars)


@pytest.mark.parametrize("race", ["..%2F..%2Fparams", "2031-01", "%2Fetc%2Fpasswd", "a" * 200])
def test_what_is_no_race_is_refused(browser, race):
    assert browser.get(f"/live/{race}").status_code in {404, 409}
    assert post(browser, f"/live/{race}/stop").status_code in {404, 409}


def test_a_start_needs_a_race_a_source_and_a_form_of_ours(browser, project):
    assert post(browser, "/live/start", source="wizard", race=RACE).status_code in {404, 409}
    assert post(browser, "/live/start", source="replay").status_code in {409, 422}
    assert post(browser, "/live/start", source="replay", race="../../x").status_code == 409
    assert browser.post("/live/start", data={"source": "replay", "race": RACE}).status_code == 403
    assert not list(folder(project).glob("*.json"))


def test_a_process_follows_a_race_to_its_end_and_one_that_is_killed_is_seen(browser, project):
    label = re.search(r'<option value="(\d{4}-\d\d)" selected', browser.get("/live").text)[1]
    answer = post(browser, "/live/start", source="replay", race=label)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/live/{label}")
    until(lambda: watcher(project, label).state in {"finished", "failed"})
    html = browser.get(f"/live/{label}").text
    assert watcher(project, label).state == "finished", html[:2000]
    assert "Running order" in html and "next lap" in html

    post(browser, "/live/start", source="replay", race=label, speed="1")
    until(lambda: is_held(life(project, label)) and read_notes(project, label).pid)
    assert watcher(project, label).state == "starting" and "Stop the watcher" in browser.get(f"/live/{label}").text
    os.kill(read_notes(project, label).pid, signal.SIGKILL)
    until(lambda: not is_held(life(project, label)))
    assert not watcher(project, label).can_stop
