"""The straight way answers what the framework's own way answers, and nothing else comes by it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import ServingError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.serving.app import create_app
from pitwall.serving.gate import Access, Gate
from pitwall.serving.routing import endpoint, router
from pitwall.serving.schemas import Ask
from pitwall.serving.straight import Straight
from pitwall.workflows.workspace import Workspace

ASK = "/api/v1/predict/race_winner"
REQUESTS = {
    "a question": ("POST", ASK, b'{"race": "2024-08"}'),
    "a question why": ("POST", "/api/v1/explain/dnf", b"{}"),
    "no template": ("POST", "/api/v1/predict/race%20win%C3%A9r", b"{}"),
    "no question": ("POST", ASK, b'{"wet": true}'),
    "no JSON": ("POST", ASK, b"{"),
    "too long": ("POST", ASK, b" " * 2048),
    "another method": ("PUT", ASK, b"{}"),
    "a slash too many": ("POST", f"{ASK}/", b"{}"),
    "without a body": ("GET", ASK, b""),
}


def app_of(root, *, needed=False) -> FastAPI:
    return create_app(Workspace(Project(root), params=Params()), ServingSettings(body_kb=1), tokens_needed=needed)


def roundabout(app: FastAPI) -> FastAPI:
    """Return the app without the straight way."""
    app.user_middleware = [each for each in app.user_middleware if each.cls is not Straight]
    return app


def told(app: FastAPI, requests=REQUESTS) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        return {what: _told(client, *request) for what, request in requests.items()}


def _told(client: TestClient, method: str, path: str, content: bytes) -> tuple[int, bytes, dict[str, str]]:
    response = client.request(method, path, content=content, headers={"X-Request-Id": "same"})
    return response.status_code, response.content, dict(response.headers)


@pytest.mark.parametrize("needed", [False, True], ids=["open", "with tokens"])
def test_both_ways_tell_the_same_to_the_last_byte(tmp_path, needed):
    straight, other = app_of(tmp_path, needed=needed), roundabout(app_of(tmp_path, needed=needed))
    assert len(straight.user_middleware) == len(other.user_middleware) + 1
    assert told(straight) == told(other)


def test_a_route_with_a_body_needs_no_router_and_every_other_one_does(tmp_path):
    app = app_of(tmp_path)
    found = app.router.middleware_stack

    async def lost(scope, receive, send):
        await (Response("", 299) if scope["type"] == "http" else found)(scope, receive, send)

    app.router.middleware_stack = lost
    others = {what for what, (status, *_) in told(app).items() if status == 299}
    assert others == {"another method", "a slash too many", "without a body"}


@pytest.mark.parametrize(("raised", "told_as"), [(ServingError("no"), 418), (LookupError("x"), None)])
def test_what_is_foreseen_is_a_problem_and_all_else_is_left_to_who_stands_outside(raised, told_as):
    on = router("planted")

    @endpoint(on, "POST", "/fail", Access("public"), Ask)
    async def fail(ask: Ask, request: Request) -> Response:
        raise raised

    app = FastAPI()
    app.state.server = SimpleNamespace(gate=Gate(ServingSettings(), dict, tokens_needed=False))
    app.add_middleware(Straight, routes=on.routes, refused=lambda error, path: Response(f"{error} at {path}", 418))
    asked = {"it": ("POST", "/api/v1/fail", b"{}")}
    if told_as is None:
        with pytest.raises(LookupError):
            told(app, asked)
    else:
        assert told(app, asked)["it"][:2] == (told_as, b"no at /api/v1/fail")
