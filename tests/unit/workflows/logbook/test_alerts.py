"""Alerts are sent where the settings say, once, and whatever a sink does, a training and a promotion go on."""

from __future__ import annotations

import json
import shutil
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall import wiring
from pitwall.cli import main
from pitwall.domain.errors import AlertError, TrackingError, UnknownName
from pitwall.domain.project import Project
from pitwall.domain.refs import Candidacy
from pitwall.domain.settings import VARIABLE
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.predictions import load_predictions, save_predictions
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.registry.improvement import improvement
from pitwall.testing.fakes.versions import NAME, Versions, passed
from pitwall.testing.worlds.forecasts import World
from pitwall.workflows import promote
from pitwall.workflows.logbook import alerts, news
from pitwall.workflows.workspace import Workspace

SETTINGS = """alerts:
  sinks:
    - {sink: webhook, url: 'https://hook.test/s3cret', kinds: [gate_refused, drift]}
    - {sink: smtp, host: mail.test, sender: a@b.c, to: [d@e.f], password: s3cret}
    - {sink: console, kinds: [drift]}
"""


@pytest.fixture
def told(monkeypatch):
    """What reaches the sinks; those named in `broken` fail."""
    found = SimpleNamespace(sent=[], broken={})

    def send(alert, sink, allow_hosts):
        if sink.sink in found.broken:
            raise found.broken[sink.sink]
        found.sent.append((sink.sink, alert.kind, alert.subject, alert.text))

    monkeypatch.setattr(wiring, "send_alert", send)
    return found


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("seed: 7\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    made = Workspace(Project(tmp_path))
    made.project.settings.write_text(SETTINGS)
    return made


def rows(workspace):
    return [json.loads(line) for line in workspace.project.alerts.read_text().splitlines()]


def test_an_alert_goes_once_to_the_sinks_that_want_its_kind(workspace, told):
    for share in ("0.31", "0.32"):
        news.drifted(workspace, "order-pre_race version 3", f"the grid has moved by {share}", "grid")
    assert [sink for sink, *_ in told.sent] == ["webhook", "smtp", "console"]
    (kept,) = rows(workspace)
    assert (kept["kind"], kept["subject"], kept["text"]) == (
        "drift",
        "order-pre_race version 3",
        "the grid has moved by 0.31",
    )
    assert kept["sinks"] == {"webhook": "sent", "smtp": "sent", "console": "sent"}
    news.drifted(workspace, "order-pre_race version 3", "rain", "weather")
    assert len(rows(workspace)) == 2
    with pytest.raises(UnknownName, match="did you mean 'drift'"):
        alerts.raise_alert(workspace, "drfit", "x", "y")


def test_a_sink_that_fails_is_logged_and_kept_with_its_reason_and_gets_the_alert_again(workspace, told, caplog):
    told.broken = {"smtp": AlertError("mail.test:587 is away"), "webhook": RuntimeError("s3cret in here")}
    news.drifted(workspace, "order-pre_race", 'password = "hunter2hunter2"', "grid")
    (kept,) = rows(workspace)
    assert kept["sinks"] == {
        "webhook": "failed: RuntimeError",
        "smtp": "failed: mail.test:587 is away",
        "console": "sent",
    }
    assert "did not reach smtp: mail.test:587 is away" in caplog.text
    told.broken = {"webhook": AlertError("still away")}
    (again,) = alerts.resend(workspace, kept["key"][:6])
    assert again.sinks == {"webhook": "failed: still away", "smtp": "sent", "console": "sent"}
    told.broken = {}
    assert [each.sinks["webhook"] for each in alerts.resend(workspace)] == ["sent"]
    assert alerts.resend(workspace) == []
    assert "s3cret" not in caplog.text + workspace.project.alerts.read_text()
    assert "hunter2" not in str(told.sent) + workspace.project.alerts.read_text()


@pytest.mark.parametrize(
    "settings", ["alerts: [s3cret]", "alerts: {sinks: [{sink: 3}]}", "{", "alerts: {sinks: [{sink: x, kinds: [y]}]}"]
)
def test_settings_that_are_wrong_stop_no_promotion_and_are_told_without_a_value(workspace, caplog, settings):
    workspace.project.settings.write_text(settings)
    news.drifted(workspace, "order-pre_race", "moved", "grid")
    assert "was not sent" in caplog.text and "s3cret" not in caplog.text


def test_without_settings_the_console_is_told_and_without_sinks_nobody(workspace, told):
    workspace.project.settings.unlink()
    news.drifted(workspace, "a", "moved", "grid")
    workspace.project.settings.write_text("alerts: {sinks: []}\n")
    news.drifted(workspace, "b", "moved", "grid")
    assert [sink for sink, *_ in told.sent] == ["console"]
    assert [row["sinks"] for row in rows(workspace)] == [{"console": "sent"}, {}]


def test_a_journal_that_cannot_be_read_stops_nothing(workspace, told, caplog):
    workspace.project.alerts.parent.mkdir()
    workspace.project.alerts.write_text("{torn")
    news.drifted(workspace, "order-pre_race", "moved", "grid")
    assert "not as it was written" in caplog.text


def test_a_refused_promotion_is_told_with_the_reasons_and_the_same_refusal_once(workspace, told, tmp_path, monkeypatch):
    world = Versions(tmp_path)
    here = Workspace(workspace.project, registry=world.registry, history=world.history)
    monkeypatch.setattr(promote, "complete", lambda *_, **__: None)  # there is no run to write a card to
    monkeypatch.setattr(promote, "publish", lambda *_: None)  # nor a frame that servers could ask about
    candidacy = Candidacy(NAME, 2, 1)
    for latency in ("61 ms, at most 50", "63 ms, at most 50"):
        decision = promote.decide(here, candidacy, passed(latency=latency), Approval())
        assert not decision.promoted
    assert [sink for sink, *_ in told.sent] == ["webhook", "smtp"]
    assert told.sent[0][1:3] == ("gate_refused", f"{NAME} version 2")
    assert "- latency race_winner: 61 ms, at most 50" in told.sent[0][3]
    told.broken = {"smtp": RuntimeError(), "webhook": RuntimeError()}
    assert not promote.decide(here, candidacy, passed(size="too large"), Approval()).promoted
    assert promote.decide(here, candidacy, passed(), Approval()).promoted
    assert len(rows(workspace)) == 2


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A tiny world: model (1), its baseline (2), and a third that knew the results."""
    made = World(tmp_path_factory.mktemp("world"))
    folder = made.job.project.root / "oracle"
    (number,) = [v.version for v in made.registry.versions(NAME) if v.tags["role"] == "model"]
    shutil.copytree(made.registry.fetch(NAME, number), folder)
    own = load_predictions(folder)
    place = own.merge(made.tables["results"], on=["race_id", "driver_id"], how="left")["place"].astype(float)
    for position, column in enumerate(place_columns(own), start=1):
        own[column] = (place.rank(method="first").groupby(own["race_id"]).rank() == position).astype(float)
    save_predictions(own, folder, made.job.definition.kind)
    made.registry.register(NAME, "run9", folder, pd.DataFrame(), {"role": "candidate"})
    shutil.copytree(made.registry.fetch(NAME, number), folder.with_name("again"))
    (folder.with_name("again") / "more.txt").write_text("another content, the same answers")
    made.registry.register(NAME, "run10", folder.with_name("again"), pd.DataFrame(), {"role": "candidate"})
    return made


def test_the_best_version_yet_is_told_with_its_gain_and_interval_on_common_races(world, told):
    here = Workspace(world.job.project, params=world.job.params, registry=world.registry)
    here.project.settings.write_text(SETTINGS.replace("gate_refused", "best_model"))
    first = next(v.version for v in world.registry.versions(NAME) if v.tags["role"] == "model")
    for version in (first, 3, 3, 4):
        news.registered(here, NAME, version)
    assert [(sink, subject) for sink, _, subject, _ in told.sent] == [
        ("webhook", f"{NAME} version 3"),
        ("smtp", f"{NAME} version 3"),
    ]
    found = improvement(world.job, world.registry, 3)
    assert (found.metric, found.rival, found.gain.n) == ("race_winner.log_loss", first, 6)
    assert found.gain.value == pytest.approx(found.before - found.value)
    assert 0 < found.gain.low < found.gain.high
    assert f"{found.gain.value:.4f} less than version {first}" in told.sent[0][3] and "95% interval" in told.sent[0][3]


def test_a_version_whose_files_are_gone_is_no_rival(world, monkeypatch):
    fetch = world.registry.fetch

    def gone(name, version):
        if version != 3:
            raise TrackingError("the files are gone")
        return fetch(name, version)

    monkeypatch.setattr(world.registry, "fetch", gone)
    assert improvement(world.job, world.registry, 3) is None


def test_a_comparison_that_breaks_stops_no_training(world, told, caplog, monkeypatch):
    here = Workspace(world.job.project, params=world.job.params, registry=world.registry)
    monkeypatch.setattr(news, "improvement", lambda *_: 1 / 0)
    news.registered(here, NAME, 3)
    assert "was not compared with the versions before it: ZeroDivisionError" in caplog.text


def call(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["pitwall", "exp", "alert", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out + said.err


def test_the_command_lists_tests_and_sends_again(workspace, told, monkeypatch, capsys):
    told.broken = {"smtp": AlertError("mail.test:587 is away")}
    news.drifted(workspace, "order-pre_race [3]", "the grid has moved", "grid")
    code, said = call(monkeypatch, capsys, "list")
    assert code == 0 and "order-pre_race [3]" in said and "smtp: failed: mail.test:587 is away" in said
    assert call(monkeypatch, capsys, "resend")[0] == 1
    assert call(monkeypatch, capsys, "test", "smtp") == (1, "error: mail.test:587 is away\n")
    assert call(monkeypatch, capsys, "test", "webhook") == (0, "the test was sent to webhook\n")
    assert call(monkeypatch, capsys, "test", "webhok")[0] == 2
    told.broken = {}
    assert call(monkeypatch, capsys, "resend")[0] == 0
    assert len(json.loads(call(monkeypatch, capsys, "list", "--json", "-")[1].split("]\n", 1)[0] + "]")) == 1
    assert "s3cret" not in call(monkeypatch, capsys, "list")[1]
