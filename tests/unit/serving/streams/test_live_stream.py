"""A race as it is published, over a real connection: every answer once and in order, for readers who come, go, come back or sleep."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import ApiProblem
from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer
from pitwall.serving.app import create_app
from pitwall.serving.client import Client
from pitwall.serving.streams import follow
from pitwall.serving.streams.events import Event, events
from pitwall.serving.streams.read import BREAKS
from pitwall.testing.live.watched import watched
from pitwall.testing.worlds.forecasts import PARAMS
from pitwall.workflows.live.published import Follower, Publisher, published
from pitwall.workflows.workspace import Workspace

RACE, PATH = "2023-12", "/api/v1/live"
ANSWERS = list(watched(RACE, laps=6))


@contextmanager
def serving(project, **settings):
    """A real server of a project, and the address of it."""
    app = create_app(Workspace(project, params=PARAMS), ServingSettings(**settings), tokens_needed=False)
    config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client, app.state.server
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def served(project):
    with Publisher(project, RACE, source="replay", every="per_lap") as out:
        for answer in ANSWERS:
            out.say(answer)
    with serving(project, streams=2) as made:
        yield made


def read(client, path=PATH, headers=None, **params):
    with client.stream("GET", path, params=params, headers=headers or {}) as response:
        assert response.headers["content-type"].startswith("text/event-stream"), response.read()
        return list(events(response.iter_lines()))


def said(found):
    return [LiveAnswer.from_json(each.data) for each in found if each.name == "answer"]


def until(what):
    for _ in range(400):
        if what():
            return
        time.sleep(0.02)
    raise AssertionError(what)


def test_a_stream_has_every_answer_as_it_was_said_and_ends(served):
    client, _ = served
    found = read(client, race=RACE, start="beginning")
    assert [each.name for each in found] == ["stream", *["answer"] * 7, "end"]
    assert said(found) == ANSWERS
    assert [each.id.rpartition("-")[2] for each in found if each.name == "answer"] == list("1234567")
    newest = read(client, race=RACE)
    assert said(newest) == ANSWERS[-1:]


def test_a_reader_who_comes_back_is_sent_what_follows(served):
    client, _ = served
    third = read(client, race=RACE, start="beginning")[3]
    assert said(read(client, race=RACE, headers={"Last-Event-ID": third.id})) == ANSWERS[3:]


def test_the_newest_answer_is_json(served):
    client, _ = served
    told = client.get(f"{PATH}/{RACE}").json()
    assert LiveAnswer.from_json(told["answer"]) == ANSWERS[-1]
    assert told["ended"] == "finished" and told["age_s"] >= 0 and told["id"].endswith("-7")


@pytest.mark.parametrize(
    ("path", "params", "status", "word"),
    [
        (PATH, {"race": "2023-13"}, 404, RACE),
        (f"{PATH}/2023-13", {}, 404, RACE),
        (PATH, {"race": RACE, "source": "openf1"}, 409, "replay"),
        (PATH, {"race": RACE, "every": "per_sector"}, 409, "per_lap"),
        (PATH, {"every": "hourly"}, 422, "every"),
        (PATH, {"speed": "0"}, 422, "speed"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(served, path, params, status, word):
    client, _ = served
    told = client.get(path, params=params)
    assert told.status_code == status and told.headers["content-type"] == "application/problem+json"
    assert word in told.json()["detail"]


def test_readers_are_counted_and_those_who_leave_make_room(project, served):
    client, server = served
    with Publisher(project, "2023-13", source="openf1", every="per_lap") as out:
        out.say(ANSWERS[0])
        with (
            client.stream("GET", PATH, params={"race": "2023-13"}),
            client.stream("GET", PATH, params={"race": "2023-13"}),
        ):
            until(lambda: server.readers.now == 2)
            with client.stream("GET", PATH, params={"race": "2023-13"}) as refused:
                assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        until(lambda: server.readers.now == 0)


def test_answers_come_as_they_are_said_and_silence_is_told(project, served, monkeypatch):
    client, _ = served
    monkeypatch.setattr(follow, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(follow, "SILENT_S", 0.3)
    with (
        Publisher(project, "2023-14", source="openf1", every="per_lap") as out,
        client.stream("GET", PATH, params={"race": "2023-14"}) as response,
    ):
        found = events(response.iter_lines())
        assert next(found).name == "stream"
        for answer in ANSWERS[:2]:
            out.say(answer)
            assert said([_next(found, "answer")]) == [answer]
        assert set(_next(found, "silence").data) == {"silent_s"}
        out.end("stopped")
        assert _next(found, "end").data == {"why": "stopped"}


def _next(found, name):
    return next(each for each in found if each.name == name)


def test_who_sets_the_pace_is_sent_everything_and_waits_by_the_clock_of_the_race(served):
    client, _ = served
    assert said(read(client, race=RACE, speed=9_000)) == ANSWERS
    pace, told = follow.Pace(45.0), [Event("answer", each.to_json()) for each in ANSWERS]
    assert [pace.wait(each) for each in [*told[:3], told[0], told[6]]] == [0.0, 2.0, 2.0, 0.0, 12.0]
    assert [follow.Pace(None).wait(each) for each in told[:2]] == [0.0, 0.0]


def test_a_reader_who_is_behind_gets_the_newest_and_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(follow, "MOST", 3)
    with Publisher(Project(tmp_path), RACE, source="replay", every="per_sector") as out:
        stream = follow.EventStream(Follower(out.path), follow.Wish(), follow.Readers(1))
        for answer in ANSWERS:
            out.say(answer)
        lines = stream._follower.read()
    told = list(stream._events(lines, first=False))
    assert [each.name for each in told] == ["skipped", "stream", "answer", "answer", "answer"]
    assert told[0].data == {"answers": 4} and said(told) == ANSWERS[-3:]


def test_of_sectors_who_asks_per_lap_gets_one_answer_a_lap(tmp_path):
    with Publisher(Project(tmp_path), RACE, source="replay", every="per_sector") as out:
        for answer in [ANSWERS[1], ANSWERS[1], ANSWERS[2]]:
            out.say(answer)
        lines = Follower(out.path).read()
    for per_lap, expected in ((True, [1, 2]), (False, [1, 1, 2])):
        stream = follow.EventStream(Follower(out.path), follow.Wish(beginning=True, per_lap=per_lap), follow.Readers(1))
        assert [each.data["lap"] for each in stream._events(lines, first=True) if each.name == "answer"] == expected


def test_a_reader_who_takes_nothing_is_let_go(project, served, monkeypatch):
    client, server = served
    monkeypatch.setattr(follow, "SLOW_S", 0.3)
    wide = json.loads(json.dumps(ANSWERS[0].to_json()))
    wide["notes"] = ["x" * 400_000]
    with (
        Publisher(project, "2023-15", source="openf1", every="per_sector") as out,
        client.stream("GET", PATH, params={"race": "2023-15", "every": "per_sector"}),
    ):
        until(lambda: server.readers.now == 1)
        for _ in range(60):
            out.say(LiveAnswer.from_json(wide))
        until(lambda: server.readers.now == 0)
    assert "2023-15" in published(project)


def test_the_client_yields_the_answers_and_refusals_are_errors(served):
    client, _ = served
    with Client(str(client.base_url)) as asked:
        assert list(asked.live(RACE, start="beginning")) == ANSWERS
        assert list(asked.live(RACE)) == ANSWERS[-1:]
        with pytest.raises(ApiProblem, match="409 another source") as refused:
            next(asked.live(RACE, source="openf1"))
        assert refused.value.status == 409


def broken_after(number):
    """A transport that cuts each connection after so many events, and the headers that it was asked with."""
    asked = []

    def handle(request):
        after = int(request.headers.get("Last-Event-ID", "x-0").rpartition("-")[2])
        asked.append(request.headers.get("Last-Event-ID"))
        assert len(asked) < 20
        rest = [Event("answer", each.to_json(), f"x-{n}") for n, each in enumerate(ANSWERS, start=1) if n > after]
        whole = b"".join(each.text() for each in rest[:number])
        cut = rest[number].text()[:50] if rest[number:] else Event("end", {"why": "finished"}).text()
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=whole + cut)

    return httpx.MockTransport(handle), asked


def test_a_connection_that_breaks_is_made_again_and_no_answer_is_lost_or_doubled():
    transport, asked = broken_after(2)
    waited = []
    with Client(transport=transport, sleep=waited.append) as client:
        assert list(client.live(RACE)) == ANSWERS
    assert asked == [None, "x-2", "x-4", "x-6"] and len(waited) == 3
    transport, asked = broken_after(0)
    with Client(transport=transport, sleep=waited.append) as client, pytest.raises(ApiProblem, match="breaks"):
        list(client.live(RACE))
    assert len(asked) == BREAKS
