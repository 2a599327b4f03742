"""A test of two versions through the server: sticky by race, the bytes of who answers, shadows behind, and what happens when something is broken."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.records.ab_rows import SERVED, SHADOW
from pitwall.domain.records.track_record import record_file
from pitwall.serving.app import create_app
from pitwall.testing.worlds.forecasts import NAME, PARAMS, World
from pitwall.workflows.ab import declare
from pitwall.workflows.ab.exposures import exposures
from pitwall.workflows.serving.export import publish
from pitwall.workflows.serving.places import Place
from pitwall.workflows.workspace import Workspace

ASK = "/api/v1/predict/race_winner"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("served"))
    made.champion = made.registry.aliases(NAME)["champion"]
    (made.other,) = (each.version for each in made.registry.versions(NAME) if each.version != made.champion)
    with made.workspace() as workspace:
        publish(workspace, NAME)
    return made


def begin(world, split=0.5):
    """Declare a test of the races since the first one of 2023, in a record that knows of no later instant."""
    record_file(world.job.project).unlink(missing_ok=True)
    world.registry.tags.clear()
    first = world.tables["races"].query("season == 2023")["starts_at"].min().to_pydatetime()
    wish = declare.Wish(challenger=str(world.other), split=split, by="Ada", note="try it")
    with world.workspace() as workspace:
        return declare.start(workspace, NAME, wish, first - timedelta(days=1))


@pytest.fixture
def begun(world, monkeypatch):
    """The world with a declared test of half of the races."""
    monkeypatch.setattr(declare.secrets, "token_hex", lambda _: "a")
    for path in (world.job.project.state / "answers").glob("*.jsonl"):
        path.unlink()  # two tests that begin in one second have one hash: what an earlier one has logged is not this one's
    world.test = begin(world)
    yield world
    with world.workspace() as workspace:
        if workspace.registry.alias(NAME, "challenger") is not None:
            declare.stop(workspace, NAME, by="Ada", note="over")


@pytest.fixture
def server(world):
    return create_app(Workspace(world.job.project, params=PARAMS), ServingSettings(), tokens_needed=False)


@pytest.fixture
def client(server):
    with TestClient(server, base_url="http://localhost") as made:
        yield made
        settled(server, made)


def settled(server, client):
    client.portal.call(server.state.server.settled)


def races(world, season=2023):
    return [f"{season}-{number:02d}" for number in range(1, 7)]


def ask(client, race, path=ASK):
    response = client.post(path, json={"race": race})
    assert response.status_code == 200, response.text
    return response.json()


def wait_for(what, seconds=20.0):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def held(client, server):
    """Wait until the test holds: a moment after it was written."""
    wait_for(lambda: server.state.server.models.contest(NAME) is not None)
    wait_for(lambda: server.state.server.models.contest(NAME).due <= time.time())


def log_of(world):
    lines = [
        json.loads(text)
        for path in (world.job.project.state / "answers").glob("*.jsonl")
        for text in path.read_text().splitlines()
        if text
    ]
    return [line for line in lines if "template" in line]


def test_a_race_is_answered_by_its_arm_each_time_with_that_versions_bytes(begun, client, server):
    held(client, server)
    found = {}
    for race in races(begun):
        answers = [ask(client, race, path) for path in (ASK, "/api/v1/predict/podium", ASK)]
        versions = {answer["version"] for answer in answers}
        assert versions == {begun.test.version(begun.test.arm(race))}
        version = begun.registry.get(NAME, versions.pop())
        assert {answer["content"] for answer in answers} == {version.content}
        assert answers[0]["labels"][0].startswith(f"A/B test: version {version.version} (")
        found[race] = version.version
    assert set(found.values()) == {begun.champion, begun.other}
    earlier = ask(client, "2022-03")
    assert earlier["version"] == begun.champion and not any("A/B" in label for label in earlier["labels"])
    shown = client.get(f"/api/v1/models/{NAME}").json()
    assert shown["version"] == begun.champion
    assert (shown["test"]["challenger"], shown["test"]["split"], shown["test"]["trouble"]) == (begun.other, 0.5, "")


def test_the_answer_is_the_forecast_of_that_version(begun, client, server):
    held(client, server)
    for race in races(begun):
        answer = ask(client, race)
        made = begun.forecast(race=race, role=begun.test.arm(race))
        assert made.version == answer["version"]
        assert [row["answer"] for row in answer["rows"]] == [row.answers["race_winner"] for row in made.rows]


def test_the_other_arm_is_asked_behind_the_answer_and_logged_apart(begun, client, server):
    held(client, server)
    for race in races(begun):
        ask(client, race)
    settled(server, client)
    arms = {
        (line["race"], line["arm"]): line["version"] for line in log_of(begun) if line.get("test") == begun.test.hash
    }
    assert set(arms) == {(race, arm) for race in races(begun) for arm in (SERVED, SHADOW)}
    for race in races(begun):
        assert {arms[race, SERVED], arms[race, SHADOW]} == {begun.champion, begun.other}
        assert arms[race, SERVED] == begun.test.version(begun.test.arm(race))
    counts = exposures(begun.job.project, [begun.test])[begun.test.hash]
    assert sum(counts[SERVED].values()) == sum(counts[SHADOW].values()) == 6
    assert f'pitwall_shadows_total{{model="{NAME}",outcome="logged"}} 6.0' in client.get("/metrics").text


def test_a_shadow_that_fails_is_counted_and_nobody_notices(begun, client, server, monkeypatch):
    held(client, server)
    answers = server.state.server.answers
    whole = answers.answer

    def broken(asked, rows, **how):
        if asked.arm == SHADOW:
            raise RuntimeError("planted")
        return whole(asked, rows, **how)

    monkeypatch.setattr(answers, "answer", broken)
    assert ask(client, races(begun)[0])["version"] in {begun.champion, begun.other}
    settled(server, client)
    assert f'pitwall_shadows_total{{model="{NAME}",outcome="failed"}} 1.0' in client.get("/metrics").text
    assert [line["arm"] for line in log_of(begun) if line.get("test") == begun.test.hash] == [SERVED]


def test_a_broken_challenger_leaves_the_champion_and_says_so(begun, client, server):
    held(client, server)
    folder = Place(begun.job.project, NAME).version(begun.other)
    victim = next(path for path in sorted((folder / "model").iterdir()) if path.is_file())
    before = victim.read_bytes()
    try:
        victim.write_bytes(before + b" ")
        (folder / "bundle.json").touch()
        wait_for(lambda: server.state.server.models.contest(NAME).challenger is None)
        for race in races(begun):
            answer = ask(client, race)
            assert answer["version"] == begun.champion and "(challenger) does not answer" in answer["labels"][0]
        told = client.get("/ready").json()
        assert told["ready"] and "was changed since it was written" in told["troubles"][NAME]
        assert "was changed" in client.get(f"/api/v1/models/{NAME}").json()["test"]["trouble"]
    finally:
        victim.write_bytes(before)
        (folder / "bundle.json").touch()
    wait_for(lambda: server.state.server.models.contest(NAME).challenger is not None)


def test_it_begins_and_ends_while_the_server_runs_and_costs_nothing_without_one(world, client, server, monkeypatch):
    models = server.state.server.models
    assert models.contest(NAME) is None and ask(client, races(world)[0])["version"] == world.champion
    assert all("arm" not in line for line in log_of(world) if line.get("test") is None)
    monkeypatch.setattr(declare.secrets, "token_hex", lambda _: "a")
    begin(world, split=1.0)
    held(client, server)
    assert {ask(client, race)["version"] for race in races(world)} == {world.other}
    with world.workspace() as workspace:
        declare.stop(workspace, NAME, by="Ada", note="over")
    wait_for(lambda: models.contest(NAME) is None)
    answer = ask(client, races(world)[0])
    assert answer["version"] == world.champion and not any("A/B" in label for label in answer["labels"])


def test_a_damaged_file_of_a_test_is_told_and_changes_no_answer(begun, client, server):
    held(client, server)
    place = Place(begun.job.project, NAME)
    place.test.write_text('{"model": 1}')
    wait_for(lambda: server.state.server.models.contest(NAME) is None)
    assert ask(client, races(begun)[0])["version"] == begun.champion
    assert "the test cannot be read" in client.get("/ready").json()["troubles"][NAME]
    assert datetime.fromisoformat(begun.test.at).tzinfo is not None
