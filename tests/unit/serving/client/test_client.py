"""The client asks the real app, in process: every route, what-ifs, refusals; and a server that is busy, away, or none of ours."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

import pitwall as pw
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import ApiProblem, UsageError
from pitwall.serving.app import create_app
from pitwall.serving.client import TRIES, Client
from pitwall.testing.in_process import running
from pitwall.workflows.workspace import Workspace

GRID = ("piastri", "leclerc", "sainz", "norris", "russell", "verstappen", "hamilton", "alonso")
SECRET = "pw_0123456789ab_hunter2hunter2"


@pytest.fixture
def client(served, monkeypatch):
    monkeypatch.delenv("PITWALL_TOKEN", raising=False)
    with pw.Client(transport=served.transport) as made:
        yield made


def answering(*answers, **more):
    """Return a client whose server gives these answers in turn, the last one for ever; with what it was asked and how long it waited."""
    asked, waited, left = [], [], list(answers)

    def handle(request):
        asked.append(request)
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given

    return Client(transport=httpx.MockTransport(handle), sleep=waited.append, **more), asked, waited


def busy(status=429, after="2"):
    return httpx.Response(status, headers={"Retry-After": after}, json={})


FINE = httpx.Response(200, json={"status": "ok", "version": "0"})


def test_a_question_is_answered_with_where_the_answer_comes_from_and_as_a_frame(client):
    told = client.predict("race_winner", "monaco_2024", as_of="pre_race")
    assert (told.race, told.model, told.version, told.stage) == ("2024-06", "order-pre_race", 2, "pre_race")
    assert told.content and told.cutoff and told.vintage and told.run and told.data_age_s > 0
    frame = told.frame()
    assert set(frame["driver"]) == {name.title() for name in GRID}
    assert frame["answer"].sum() == pytest.approx(1, abs=1e-4)
    assert {"driver_id", "code", "team", "baseline", "grid", "expected_place"} <= set(frame)
    assert client.predict("race_winner").race == told.race, "the next race when none is named"


def test_what_ifs_are_asked(client):
    known = client.predict("race_winner")
    grid = client.predict("race_winner", grid_positions={name: slot for slot, name in enumerate(GRID, start=1)})
    slots = {row.names["driver"].lower(): row.detail["grid"] for row in grid.rows}
    assert slots == {name: slot for slot, name in enumerate(GRID, start=1)}
    assert [row.names for row in grid.rows] != [row.names for row in known.rows]
    assert grid.labels == ["what if: the grid is that of the question"]
    three = client.predict("race_winner", "monaco_2024", entries=["leclerc", "piastri", "sainz"])
    assert [len(three.rows), len(known.rows)] == [3, 8]
    with pytest.raises(ApiProblem, match="422 order is asked about cars: found lap") as refused:
        client.predict("race_winner", lap=3)
    assert refused.value.do == "leave lap out"


def test_an_explanation_says_what_adds_to_the_score(client):
    told = client.explain("race_winner", "monaco_2024")
    assert [reason.group for reason in told.rows[0].why_groups] == ["session"]
    assert client.predict("race_winner", "monaco_2024").rows[0].why_groups is None


def test_what_was_exported_is_told(client):
    assert client.health().status == "ok"
    assert client.ready().models == {"order-pre_race": 2, "order-pre_weekend": 1}
    model, _ = client.models()
    assert client.model("order-pre_race") == model and (model.first, model.last) == ("2021-01", "2024-06")
    assert [each["version"] for each in client.history("order-pre_race").versions] == [1, 2]
    assert {each.template for each in client.templates() if each.served} == {"race_winner", "podium", "points"}
    titles = client.championship()
    assert titles == client.championship(2024) and titles.championship["drivers"][0]["name"] == "Sainz"
    assert "pitwall_requests_total" in client.metrics()


def test_forecasts_come_page_by_page(client):
    pages = list(client.forecasts(limit=1))
    assert [len(page.forecasts) for page in pages] == [1, 1] and pages[-1].next is None
    assert {page.forecasts[0].race for page in pages} == {"2024-06", "2024-02"}
    (page,) = client.forecasts(race="2024-06", model="order-pre_race")
    kept = client.forecast(page.forecasts[0].file)
    assert kept.record["file"] == page.forecasts[0].file and kept.forecast["race"] == "2024-06"


def test_a_refusal_is_an_error_with_the_servers_words(client):
    with pytest.raises(ApiProblem) as refused:
        client.predict("race_winer")
    assert (refused.value.status, refused.value.title, refused.value.found) == (404, "unknown template", "'race_winer'")
    assert (
        refused.value.near[0] == "race_winner" and refused.value.do and refused.value.expected and refused.value.request
    )
    with pytest.raises(pw.domain.errors.PitwallError, match="404 unknown season: found '2023'"):
        client.championship(2023)
    with pytest.raises(ApiProblem, match="^404 "):
        client.model("../order-pre_race")


def test_a_token_opens_what_needs_one_and_is_shown_nowhere(served, monkeypatch):
    with Workspace(served.workspace.project, params=served.workspace.params) as accounts:
        token = accounts.accounts.create("ada", ["predict"]).text
    with running(create_app(served.workspace, ServingSettings(), tokens_needed=True)) as transport:
        monkeypatch.delenv("PITWALL_TOKEN", raising=False)
        with pytest.raises(ApiProblem, match="401 no token"):
            Client(transport=transport).predict("race_winner")
        monkeypatch.setenv("PITWALL_TOKEN", token)
        client = Client(transport=transport)
        assert client.predict("race_winner").race == "2024-06"
        with pytest.raises(ApiProblem, match="403 not allowed") as refused:
            client.models()
        monkeypatch.delenv("PITWALL_TOKEN")
        assert Client(token=token, transport=transport).predict("race_winner").version == 2
    assert token not in f"{client!r} {vars(client)} {refused.value!r} {refused.value}"


def test_an_address_or_a_token_that_cannot_be_is_refused_unseen():
    for wrong in ({"url": "https://ada:hunter2@pit.example"}, {"url": "pit.example"}, {"token": f"{SECRET}\n"}):
        with pytest.raises(UsageError) as refused:
            Client(**wrong)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_busy_is_asked_again_when_they_say(status):
    client, asked, waited = answering(busy(status), busy(status, "1"), FINE)
    assert client.health().status == "ok"
    assert (len(asked), waited) == (3, [2, 1])


def test_it_is_asked_again_so_often_and_not_when_that_is_of_no_use():
    client, asked, waited = answering(busy())
    with pytest.raises(ApiProblem, match="^429 ") as refused:
        client.health()
    assert refused.value.exit_code == 4
    assert (len(asked), len(waited)) == (TRIES, TRIES - 1)
    for hopeless in (busy(after="40000"), busy(after=""), httpx.Response(500), httpx.Response(302)):
        client, asked, waited = answering(hopeless)
        with pytest.raises(ApiProblem, match=f"^{hopeless.status_code} ") as refused:
            client.health()
        assert (len(asked), waited) == (1, [])
        assert refused.value.exit_code == (4 if hopeless.status_code == 429 else 1)


def test_not_being_ready_is_an_answer():
    told = {"ready": False, "models": {}, "troubles": {"log": "full"}, "data_age_s": None}
    client, asked, _ = answering(httpx.Response(503, headers={"Retry-After": "5"}, json=told))
    assert client.ready().troubles == {"log": "full"} and len(asked) == 1


def test_no_server_and_another_one_are_told_apart():
    client, *_ = answering(httpx.ConnectError(f"refused {SECRET}"), token=SECRET, url="http://pit.example:8123/")
    with pytest.raises(ApiProblem, match="0 no answer: found ConnectError from http://pit.example:8123;") as away:
        client.health()
    assert SECRET not in str(away.value) and away.value.__suppress_context__
    with pytest.raises(ApiProblem, match="502 bad gateway: found no words of Pitwall's"):
        answering(httpx.Response(502, text="<html>"))[0].health()
    with pytest.raises(
        ApiProblem, match="200 another answer: found status: Field required; expected what Pitwall calls Health"
    ):
        answering(httpx.Response(200, json={"version": "1"}))[0].health()


def test_the_client_is_light():
    heavy = {"fastapi", "starlette", "pandas", "numpy", "pitwall.ml", "pitwall.workflows", "pitwall.features", "mlflow"}
    program = f"import sys, pitwall; pitwall.Client(); print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
