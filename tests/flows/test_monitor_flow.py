"""What follows from a look: nothing but its page, or where that is wished a training of what has newly moved, which ends at a candidate."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

import flows.monitor as flow
from pitwall.domain.refs import RunRef

LOOK = {"verdict": "1 alarm", "page": "a.html", "alarms": ["moved"], "drifted": ["order-pre_race"]}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were taken, with tasks that only note themselves."""
    steps: list[str] = []

    def note(name: str) -> None:
        steps.append(name)

    monkeypatch.setattr(flow.monitoring, "look", lambda: dict(LOOK))
    monkeypatch.setattr(flow.monitoring, "retrains", lambda: False)
    monkeypatch.setattr(flow.data, "exclusive", lambda _: nullcontext())
    monkeypatch.setattr(flow.scheduling, "plan", lambda *_: note("plan"))
    monkeypatch.setattr(flow.training, "close_killed_runs", lambda: note("close"))
    monkeypatch.setattr(flow.data, "reproduce_data", lambda: note("data"))
    monkeypatch.setattr(flow.data, "keep", lambda: note("keep"))
    monkeypatch.setattr(flow, "evaluate_if_stale", lambda: note("evaluate"))

    def train(name: str) -> RunRef:
        note(f"train {name}")
        return RunRef("run", name, 4)

    monkeypatch.setattr(flow, "train_model", train)
    return steps


def test_a_look_trains_nothing_unless_that_is_wished(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert flow.monitor.fn() == {**LOOK, "trained": []}
    assert done == ["plan"]
    assert flow.monitor.fn(retrain=True)["trained"] == [{"model": "order-pre_race", "version": 4}]
    assert done == ["plan", "plan", "close", "data", "keep", "train order-pre_race", "evaluate"]
    monkeypatch.setattr(flow.monitoring, "retrains", lambda: True)
    assert flow.monitor.fn(retrain=False)["trained"] == []
    assert len(flow.monitor.fn()["trained"]) == 1


def test_a_quiet_look_trains_nothing_either_way(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow.monitoring, "look", lambda: {**LOOK, "drifted": []})
    assert flow.monitor.fn(retrain=True)["trained"] == []
    assert done == ["plan"]
