"""Models and versions: what the registry and the history say, and the moves that a person may make, each with a reason."""

import copy
import re
import shutil

import pytest

from pitwall.testing.trained import NAME

EVIL = "<script>alert(1)</script>"


def token(browser, path):
    return re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get(path).text)[1]


@pytest.fixture
def moved(world, tmp_path):
    """The world of which the registry and its history are put back afterwards."""
    registry, folders = world.registry, (world.project.mlruns, world.project.state / "registry")
    kept = copy.deepcopy((registry.held, registry.entries, registry.tags))
    for number, folder in enumerate(folders):
        if folder.is_dir():
            shutil.copytree(folder, tmp_path / str(number))
    yield world
    registry.held, registry.entries, registry.tags = kept
    for number, folder in enumerate(folders):
        shutil.rmtree(folder, ignore_errors=True)
        if (tmp_path / str(number)).is_dir():
            shutil.copytree(tmp_path / str(number), folder)


def test_the_list_names_the_champion_and_links_to_it(browser, plain):
    text = plain("/models")
    assert NAME in text and "version 1, plackett_luce_trees" in text and "podium, points, race_winner" in text
    assert f'href="/models/{NAME}/1"' in browser.get("/models").text


def test_a_model_shows_who_was_champion_when_and_every_decision(browser, plain):
    text = plain(f"/models/{NAME}")
    assert "Champion: version 1" in text and "policy:baseline" in text and "Roll back" in text
    assert plain("/models/race_winner").startswith(' id="main" tabindex="-1"> order-pre_race')
    csv = browser.get(f"/models/{NAME}?csv=2").text.splitlines()
    assert csv[0] == "version,since,until,how,by,why" and csv[1].startswith("1,") and csv[2].startswith("2,")


def test_what_versions_are_worth_is_drawn_with_its_table(plain):
    text = plain(f"/models/{NAME}/worth")
    assert "What the picture shows, as a table" in text and "grid_frequency" in text and "(champion)" in text


def test_a_version_shows_what_every_gate_said_and_its_card(plain):
    text = plain(f"/models/{NAME}/1")
    assert "It is the champion of order-pre_race." in text
    assert "refused: 0" in text and "leak_audit" in text and "fine" in text
    card = plain(f"/models/{NAME}/1/card")
    assert "Can it be trusted?" in card and "Purpose" in card and "Kinds of races" in card


@pytest.mark.parametrize(
    "path", ["/models/nobody", f"/models/{NAME}/7", f"/models/{NAME}/7/card", f"/models/{NAME}%2f..%2f..%2fx"]
)
def test_what_is_no_model_or_version_is_not_found(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404 and "<h1>" in answer.text


def test_a_rollback_without_a_reason_changes_nothing(browser, world):
    before = (dict(world.registry.held[NAME]), len(world.history.rows()))
    form = {"csrf": token(browser, f"/models/{NAME}"), "to": "2", "by": "Ada", "note": " "}
    answer = browser.post(f"/models/{NAME}/rollback", data=form)
    assert answer.status_code == 409 and "a note that says why" in answer.text
    assert browser.post(f"/models/{NAME}/rollback", data={**form, "note": "x", "to": "1"}).status_code == 409
    assert browser.post(f"/models/{NAME}/rollback", data={**form, "note": "x", "to": "../1"}).status_code == 409
    assert browser.post(f"/models/{NAME}/rollback", data={**form, "note": "x", "csrf": "0"}).status_code == 403
    assert (dict(world.registry.held[NAME]), len(world.history.rows())) == before


def roll_back(browser):
    form = {"csrf": token(browser, f"/models/{NAME}"), "to": "2", "by": "Ada", "note": EVIL}
    return browser.post(f"/models/{NAME}/rollback", data=form)


def test_a_rollback_moves_the_champion_and_is_told_with_what_was_said_as_text(browser, moved, monkeypatch):
    monkeypatch.setattr("pitwall.workflows.registry.publish", lambda *_, **__: None)
    answer = roll_back(browser)
    assert answer.status_code == 200
    assert "Champion of order-pre_race is version 2 again; version 1 is archived." in answer.text
    assert moved.registry.held[NAME]["champion"] == 2
    assert EVIL not in answer.text and "&lt;script&gt;" in answer.text
    assert "archived" in browser.get(f"/models/{NAME}/1").text


def test_a_version_is_moved_only_where_it_may_go(browser, moved, monkeypatch):
    monkeypatch.setattr("pitwall.workflows.registry.publish", lambda *_, **__: None)
    roll_back(browser)
    path = f"/models/{NAME}/1"
    form = {"csrf": token(browser, path), "by": "Ada", "note": "again", "to": "staging"}
    assert "cannot become staging" in browser.post(f"{path}/move", data=form).text
    assert browser.post(f"{path}/move", data={**form, "to": "champion"}).status_code == 409
    answer = browser.post(f"{path}/move", data={**form, "to": "candidate"})
    assert "Version 1 was archived and is candidate now." in answer.text
    assert moved.registry.held[NAME]["candidate"] == 1


def test_a_version_that_is_no_champion_is_judged_by_a_job_and_a_champion_or_a_baseline_never(browser, moved):
    role = moved.registry.get(NAME, 2).tags.get("role")
    offered = 'action="/jobs/judge"'
    assert offered not in browser.get(f"/models/{NAME}/1").text  # the champion
    assert (offered in browser.get(f"/models/{NAME}/2").text) == (role != "baseline")
    form = {"csrf": token(browser, f"/models/{NAME}"), "model": NAME, "key": "one"}
    answer = browser.post("/jobs/judge", data={**form, "version": "2"})
    assert answer.status_code == 409 and "pitwall up" in answer.text  # no server is there to do it
    assert "a version is a number" in browser.post("/jobs/judge", data={**form, "version": "two"}).text
    assert browser.post("/jobs/judge", data={**form, "version": "7"}).status_code == 404
