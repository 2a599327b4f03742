"""Who is let in: tokens, scopes, limits, quotas; and what happens while the accounts do not answer."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.access.words import Tier
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.serving import gate
from pitwall.serving.app import create_app, routes_of
from pitwall.serving.gate import GuardedRoute, access_of
from pitwall.serving.streams import events, read
from pitwall.workflows.workspace import Workspace

MODELS, ASK, METRICS = "/api/v1/models", "/api/v1/predict/race_winner", "/metrics"


@contextmanager
def served(root, *, needed=True, **settings):
    """A server without models, whose accounts are a database of the test's own."""
    workspace = Workspace(Project(root), params=Params())
    accounts = workspace.accounts
    with TestClient(
        create_app(workspace, ServingSettings(**settings), tokens_needed=needed), base_url="http://localhost"
    ) as client:

        def ask(path, token=None):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return client.get(path, headers=headers)

        yield SimpleNamespace(ask=ask, accounts=accounts, client=client)


@pytest.fixture
def here(tmp_path):
    with served(tmp_path) as made:
        yield made


def test_without_a_token_only_health_and_readiness_are_told(here):
    for path in (MODELS, ASK, METRICS):
        response = here.ask(path)
        assert response.status_code == 401 and response.headers["www-authenticate"] == "Bearer"
        assert "pitwall token create" in response.json()["do"]
    assert here.ask("/health").status_code == 200 and here.ask("/ready").status_code == 503


def test_a_token_opens_what_its_scopes_say(here):
    reader = here.accounts.create("ada", ["read"]).text
    assert here.ask(MODELS, reader).json() == {"models": []}
    told = here.ask(METRICS, reader)
    assert told.status_code == 403 and "metrics" in told.json()["expected"]
    assert here.ask(METRICS, here.accounts.create("prometheus", ["metrics"]).text).status_code == 200
    assert here.ask(ASK, here.accounts.create("bo", ["predict"]).text).status_code == 409  # let in; nobody answers


@pytest.mark.parametrize("text", ["nonsense", "pw_0123456789ab_" + "x" * 43, "a b", ""])
def test_what_is_no_token_is_refused_and_never_repeated(here, text):
    response = here.client.get(MODELS, headers={"Authorization": f"Bearer {text}"})
    assert response.status_code == 401 and (not text or text not in response.text)
    assert here.client.get(MODELS, headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_a_revoked_token_is_refused_within_a_second(here, monkeypatch):
    made = here.accounts.create("ada", ["read"])
    assert here.ask(MODELS, made.text).status_code == 200
    here.accounts.revoke(made.token.id)
    monkeypatch.setattr(gate, "FRESH_S", 0.0)
    assert here.ask(MODELS, made.text).status_code == 401


def test_a_rotated_token_works_beside_the_new_one_until_its_grace_ends(here, monkeypatch):
    monkeypatch.setattr(gate, "FRESH_S", 0.0)
    old = here.accounts.create("ada", ["read"])
    new = here.accounts.rotate(old.token.id, timedelta(hours=1))
    assert [here.ask(MODELS, each.text).status_code for each in (old, new)] == [200, 200]
    newest = here.accounts.rotate(new.token.id, timedelta(0))
    assert [here.ask(MODELS, each.text).status_code for each in (new, newest)] == [401, 200]


def test_a_tier_holds_back_who_asks_too_often(here):
    here.accounts.set_tier(Tier("slow", 60, 2, None))
    token = here.accounts.create("ada", ["read"], "slow").text
    codes = [here.ask(MODELS, token).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert here.ask(MODELS, token).headers["retry-after"] == "1"


def test_questions_count_towards_the_quota_of_the_day_and_reading_does_not(here):
    here.accounts.set_tier(Tier("small", None, None, 3))
    token = here.accounts.create("ada", ["read", "predict"], "small").text
    assert [here.ask(ASK, token).status_code for _ in range(4)] == [409, 409, 409, 429]
    refused = here.ask(ASK, token)
    assert 0 < int(refused.headers["retry-after"]) <= 86_400 and "3 a day" in refused.json()["expected"]
    assert here.ask(MODELS, token).status_code == 200


def test_while_the_accounts_are_locked_known_tokens_go_on_and_unknown_ones_are_told_to_come_again(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(gate, "FRESH_S", 0.0)
    with served(tmp_path) as here:
        known, unseen = (here.accounts.create(owner, ["read"]).text for owner in ("ada", "bo"))
        assert here.ask(MODELS, known).status_code == 200
        here.accounts.close()
        database = tmp_path / ".pitwall" / "pitwall.db"
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("pragma journal_mode = delete")  # readers of a WAL are not held up; here they are
            other.execute("begin exclusive")
            assert here.ask(MODELS, known).status_code == 200
            told = here.ask(MODELS, unseen)
            assert told.status_code == 503 and told.headers["retry-after"]
        assert here.ask(MODELS, unseen).status_code == 200


def test_an_address_without_a_token_is_held_back_where_the_settings_say_so(tmp_path):
    with served(tmp_path, needed=False, per_minute=60, burst=2) as here:
        assert [here.ask(MODELS).status_code for _ in range(3)] == [200, 200, 429]
        assert here.ask("/health").status_code == 200


def test_every_route_says_who_may_ask_and_what_is_answered(tmp_path):
    app = create_app(Workspace(Project(tmp_path), params=Params()), ServingSettings(), tokens_needed=False)
    description = app.openapi()
    routes = list(routes_of(app))
    assert len(routes) >= 13
    for route in routes:
        access = access_of(route)
        assert access.scope in {"public", "read", "predict", "metrics"} and isinstance(route, GuardedRoute)
        (method,) = route.methods
        told = description["paths"][route.path][method.lower()]
        good = told["responses"]["200"].get("content", {})
        kind = events.MEDIA if route.path == read.PATH else "application/json"
        assert "schema" in good.get(kind, {}) or route.path == METRICS
        assert {"403", "405", "413"} <= set(told["responses"])
        assert access.scope == "public" or {"401", "429"} <= set(told["responses"])
        assert access.counted == ("predict" in route.path or "explain" in route.path)


def test_a_route_that_does_not_say_who_may_ask_is_refused():
    planted = APIRouter(route_class=GuardedRoute)
    with pytest.raises(TypeError, match="/open does not say who may ask it"):
        planted.add_api_route("/open", lambda: None)
    plain = FastAPI()
    unguarded = APIRouter()
    unguarded.add_api_route("/open", lambda: None)
    plain.include_router(unguarded)
    with pytest.raises(TypeError, match="/open does not say"):
        [access_of(route) for route in routes_of(plain)]
