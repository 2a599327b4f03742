"""A new forecast of a race to come reaches a webhook that asks for it: once, with its numbers; and a dead one stops no forecast."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pitwall.domain.records.alerts import KINDS
from pitwall.domain.settings import VARIABLE, local_settings
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.worlds.forecasts import NAME, PAST, World
from pitwall.workflows import forecast
from pitwall.workflows.forecast import WhatIf
from pitwall.workflows.logbook import alerts
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "alerts.md").read_text(encoding="utf-8")
ORIGIN = {"git.commit": "abc"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("told"), upcoming=1)
    (made.job.project.root / "dvc.yaml").write_text("stages: {}\n")
    return made


@pytest.fixture
def workspace(world, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    tools = {"registry": world.registry, "runs": FakeTracker(), "features": world.reader}
    with Workspace(world.job.project, params=world.job.params, **tools) as made:
        yield made
    made.project.settings.unlink(missing_ok=True)


def ask_for(workspace, port, kinds="[forecast]"):
    hook = f"{{sink: webhook, url: 'http://127.0.0.1:{port}/s3cret', kinds: {kinds}}}"
    workspace.project.settings.write_text(f"alerts:\n  sinks: [{hook}]\n  allow_hosts: [127.0.0.1]\n")


def test_a_forecast_is_told_once_with_its_numbers_and_where_it_is_kept(workspace, hook_server, tmp_path):
    server = hook_server()
    ask_for(workspace, server.port)
    stored = forecast.forecast(workspace, NAME, provenance=ORIGIN)
    forecast.forecast(workspace, NAME, provenance=ORIGIN)
    ((path, _, told),) = server.got
    (row,) = workspace.record.rows()
    assert (path, told["kind"]) == ("/s3cret", "forecast")
    assert told["subject"] == f"2024-06 pre_race by {NAME} version {stored.made.version}"
    best = {each.names["driver"]: each.answers["race_winner"] for each in stored.made.rows[:3]}
    assert told["facts"] == {
        **{"race": "2024-06", "race_name": "Grand Prix 6", "stage": "pre_race", "model": NAME},
        **{"version": stored.made.version, "question": "race_winner", "top": best, "row": row["hash"]},
        **{"file": stored.path.relative_to(workspace.project.root).as_posix(), "in_time": False},
    }
    assert told["text"].startswith("Grand Prix 6, race_winner: Driver_3 43.1 %, Driver_1 34.9 %, Driver_4 8.9 %.")
    assert row["hash"] in told["text"] and "late" in told["text"]
    entries = tmp_path / "entries.csv"
    entries.write_text("driver\nDriver_1\nDriver_2\n")
    for race, what_if in ((PAST, WhatIf()), (None, WhatIf(entries=entries))):
        forecast.forecast(workspace, NAME, race, what_if, provenance=ORIGIN)
    forecast.forecast(
        workspace,
        NAME,
        provenance={"git.commit": "d"},
        now=datetime.fromisoformat(stored.made.cutoff) - timedelta(minutes=30),
    )
    assert len(server.got) == 1, "a past race, a what-if and a replay are no news"


def test_a_dead_webhook_stops_no_forecast_and_is_told_again(workspace, hook_server):
    server = hook_server(status=500)
    ask_for(workspace, server.port)
    assert forecast.forecast(workspace, NAME, provenance={"git.commit": "def"}).path.is_file()
    kept = [json.loads(line) for line in workspace.project.alerts.read_text().splitlines()][-1]
    assert kept["sinks"] == {"webhook": "failed: 127.0.0.1 answered 500"}
    server.status = 204
    (again,) = alerts.resend(workspace, kept["key"])
    assert again.sinks == {"webhook": "sent"} and server.got[0][2] == server.got[1][2]
    workspace.project.settings.write_text("alerts: {sinks: [{sink: x, kinds: [y]}]}")
    assert forecast.forecast(workspace, NAME, provenance={"git.commit": "ghi"}).path.is_file()


def test_nobody_is_told_who_does_not_ask(workspace, hook_server):
    server = hook_server()
    ask_for(workspace, server.port, "[best_model, gate_refused, drift]")
    before = alerts.kept(workspace)
    forecast.forecast(workspace, NAME, provenance={"git.commit": "jkl"})
    assert (server.got, alerts.kept(workspace)) == ([], before)
    workspace.project.settings.write_text("alerts:\n  sinks: [{sink: console}]\n")
    (console,) = local_settings(workspace.project.settings).alerts.sinks
    assert console.kinds == tuple(kind for kind in KINDS if kind != "forecast")


def test_the_page_shows_what_a_webhook_gets(workspace, hook_server):
    server = hook_server()
    ask_for(workspace, server.port)
    forecast.forecast(workspace, NAME, provenance={"git.commit": "mno"})
    shown = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    assert {**shown["facts"], **shown}.keys() == {**server.got[0][2]["facts"], **server.got[0][2]}.keys()
