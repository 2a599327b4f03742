"""`pitwall exp sync` and the doctor's line about what waits, for a store that nobody answers at, and for one that took all."""

from __future__ import annotations

import json
import sys
import warnings

import pytest

from pitwall import wiring
from pitwall.adapters.spool.sync import Sent, sync
from pitwall.cli import main
from pitwall.cli._examine import _store
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE
from pitwall.testing import FakeTracker
from pitwall.workflows import offline
from pitwall.workflows.workspace import Workspace


class Store(FakeTracker):
    """A store that finds runs by a tag."""

    def tagged(self, key: str, value: str) -> list[str]:
        return [run_id for run_id, run in self.runs.items() if run.tags.get(key) == value]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose run store is a server that is away, with a run that waits."""
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:9")
    with Workspace(Project(tmp_path)) as workspace, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tracker, _ = offline.spooling(workspace)
        run = tracker.start("pitwall-lab", "away", {})
        tracker.finish(run, "FINISHED")
    return Project(tmp_path)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pitwall", "exp", "sync", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_nothing_is_sent_while_nobody_answers_and_the_doctor_says_what_waits(project, monkeypatch, capsys):
    assert call(monkeypatch, "--json", "-") == 1
    said = capsys.readouterr()
    [run] = json.loads(said.out)["runs"]
    assert (run["sent"], run["waits"], run["store_id"]) == (0, 2, "")
    assert "the store is away: no MLflow server answers at http://127.0.0.1:9" in said.err
    found = _store(Workspace(project))
    assert (found.state, found.do) == ("broken", "`pitwall exp sync` when the store answers")
    assert "2 call(s) of 1 run(s) wait in .pitwall/spool (offline-" in found.found


def test_what_was_sent_is_told_once(project, monkeypatch, capsys):
    store = Store()
    monkeypatch.setattr(wiring, "send_spooled", lambda home, _: sync(home, store, store))
    assert call(monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "run0000" in shown
    assert "complete" in shown
    assert [run.status for run in store.runs.values()] == ["FINISHED"]
    assert call(monkeypatch) == 0
    assert "nothing waits to be sent" in capsys.readouterr().out


def test_what_was_refused_is_named_and_exits_1(project, monkeypatch, capsys):
    sent = Sent("offline-1", "run1", "bad", 2, refused=[(0, "TrackingError: no")], torn=["torn-journal-7.txt"])
    monkeypatch.setattr(wiring, "send_spooled", lambda home, _: [sent])
    assert call(monkeypatch) == 1
    shown = capsys.readouterr().out
    assert "line 1 was refused and is kept in .pitwall/spool/set_aside: TrackingError: no" in shown
    assert "kept as torn-journal-7.txt" in shown
