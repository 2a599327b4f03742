"""Every route of the real app, asked what its schema allows and what it forbids: nothing but the answers and problems that it declares."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
import schemathesis
from fastapi import FastAPI, Response
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.serving.app import create_app
from pitwall.testing import FakeTracker
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, PAST, World
from pitwall.workflows.serving.export import publish
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

ASK = "/api/v1/predict/race_winner"
EXAMPLES = settings(
    max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("project"))
    tools = {"tracker": FakeTracker(), "runs": FakeTracker(), "registry": made.registry, "features": made.reader}
    publish(Workspace(made.job.project, params=PARAMS, **tools), NAME)
    return made.job.project


@pytest.fixture(scope="module")
def app(project):
    return create_app(
        Workspace(project, params=PARAMS), ServingSettings(hosts=("testserver",), body_kb=8), tokens_needed=False
    )


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def api(app, client):
    return schemathesis.openapi.from_asgi("/openapi.json", app)


CONFORMS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]  # whether a question fits its race (its cars, its grid) is no part of a schema, so a 422 on data that it allows is no fault


def conforming(operation, mode, seen):
    """Ask an operation what its schema allows or forbids, and count what it answers."""

    @settings(EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case):
        if mode == GenerationMode.POSITIVE and "template" in case.path_parameters:
            case.path_parameters["template"] = "race_winner"  # no drawn name is one
        seen[case.call_and_validate(checks=CONFORMS).status_code] += 1

    conforms()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(GenerationMode.POSITIVE, {200, 404, 422}), (GenerationMode.NEGATIVE, {422})],
    ids=["allowed", "forbidden"],
)
def test_every_route_answers_what_it_declares(api, mode, expected):
    asked, seen = [found.ok() for found in api.get_all_operations()], Counter()
    assert len(asked) >= 13
    for operation in asked:  # any name in a path is text: only a body or a query can be wrong
        if mode == GenerationMode.POSITIVE or operation.body or list(operation.query):
            conforming(operation, mode, seen)
    assert expected <= set(seen), seen


def test_an_answer_that_is_not_declared_is_found():
    wrong = FastAPI()
    wrong.add_api_route("/teapot", lambda: Response(status_code=418))
    (found,) = schemathesis.openapi.from_asgi("/openapi.json", wrong).get_all_operations()
    with pytest.raises(FailureGroup):
        conforming(found.ok(), GenerationMode.POSITIVE, Counter())


@pytest.fixture(scope="module")
def cars(client):
    return [row["names"]["driver"] for row in client.post(ASK, json={"race": NEXT}).json()["rows"]]


def told(client, status, content, path=ASK):
    """Return what a question is told, which must be a problem with all its words."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text
    found = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert all(found[word] for word in ("found", "expected", "do")) and isinstance(found["near"], list)
    return found


@pytest.mark.parametrize("race", [NEXT, PAST])
def test_one_car_to_all_of_them_are_answered_for_a_coming_race_and_a_past_one(client, race):
    names = [row["names"]["driver"] for row in client.post(ASK, json={"race": race}).json()["rows"]]
    assert len(names) == 8
    for number in range(1, len(names) + 1):
        answer = client.post(ASK, json={"race": race, "entries": names[:number]})
        assert answer.status_code == 200 and len(answer.json()["rows"]) == number


def test_no_car_and_more_than_forty_are_not_answered(client, cars):
    assert told(client, 422, {"race": NEXT, "entries": []})["found"] == "0 cars"
    assert told(client, 422, {"race": NEXT, "entries": [f"driver {n}" for n in range(41)]})["expected"] == "1 to 40"
    assert told(client, 404, {"race": NEXT, "entries": [f"driver {n}" for n in range(40)]})["title"].startswith(
        "unknown driver"
    )


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"1.5", b"-1", b"61", b"null", b'"first"', b"true", b"1e99"])
def test_a_slot_that_is_none_is_not_answered(client, cars, value):
    body = b'{"race": "%s", "grid_positions": {"%s": %s}}' % (NEXT.encode(), cars[0].encode(), value)
    assert "grid_positions" in told(client, 422, body)["found"]


@pytest.mark.parametrize(
    "body", [b"", b"NaN", b"[]", b"{", b"\xff\xfe", b'{"race": NaN}', b'{"entries": [NaN]}', b'{"wet": true}']
)
def test_a_body_that_is_no_question_is_not_answered(client, body):
    told(client, 422, body)


def test_names_that_nobody_has_are_told_with_near_ones(client, cars):
    wrong = cars[0] + "x"
    assert told(client, 404, {"race": NEXT, "entries": [wrong]})["found"] == repr(wrong)
    assert told(client, 404, {"race": NEXT, "grid_positions": {wrong: 1}})["near"]
    assert told(client, 404, {"race": NEXT, "entries": {cars[0]: "No Such Team"}})["near"]


@pytest.mark.parametrize("race", ["1950-01", "2031-01", "2024-99", "monaco_1950", "0000-00"])
def test_races_long_past_or_far_ahead_are_not_known(client, race):
    assert told(client, 404, {"race": race})["near"]


def test_a_driver_twice_and_two_cars_in_a_slot_cannot_be(client, cars):
    twice = told(client, 422, {"race": NEXT, "entries": [cars[0], cars[0].upper(), cars[1]]})
    assert "more than once" in twice["found"] and twice["expected"] == "every driver once"
    grid = dict(zip(cars, range(1, len(cars) + 1), strict=True))
    shared = told(client, 422, {"race": NEXT, "grid_positions": grid | {cars[1]: 1}})
    assert shared["found"] == "slot 1 more than once"
    fewer = told(client, 422, {"race": NEXT, "grid_positions": {cars[0]: 1}})
    assert fewer["found"].startswith("without ")
    lane = client.post(ASK, json={"race": NEXT, "grid_positions": dict.fromkeys(cars, 0)})
    assert lane.status_code == 200  # the pit lane takes all of them


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_that_is_too_long_is_not_read_to_its_end(app, client, declared):
    sent, read = [], []
    chunks = [b" " * 1024] * 64

    async def receive():
        read.append(chunks[len(read)])
        return {"type": "http.request", "body": read[-1], "more_body": len(read) < len(chunks)}

    async def send(message):
        sent.append(message)

    length = [(b"content-length", b"65536")] if declared else [(b"transfer-encoding", b"chunked")]
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), *length]
    scope = {
        "type": "http",
        "method": "POST",
        "path": ASK,
        "raw_path": ASK.encode(),
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(app({**scope, "http_version": "1.1", "scheme": "http", "client": None, "server": None}, receive, send))
    assert sent[0]["status"] == 413 and json.loads(sent[1]["body"])["expected"] == "8192 bytes at most"
    assert len(read) == (0 if declared else 9)
