"""A workspace opens each tool once, whoever asks, closes what it opened and nothing else, and refuses who comes too late."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pitwall import wiring
from pitwall.domain.errors import StageError, WorkspaceClosed
from pitwall.domain.project import Project
from pitwall.testing import FakeRegistry
from pitwall.workflows.workspace import Workspace

TOOLS = {
    "tracker": "tracker",
    "registry": "registry",
    "runs": "runs",
    "history": "history",
    "features": "feature_reader",
    "versions": "data_versions",
}
THREADS = 24


class Tools:
    """Openers that count, each slow enough for other threads to ask meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.slow = threading.Event()
        for name, opener in TOOLS.items():
            monkeypatch.setattr(wiring, opener, lambda *_, name=name: self._open(name))

    def _open(self, name: str) -> Any:
        self.slow.wait(0.01)
        self.opened[name] += 1
        return SimpleNamespace(name=name, close=lambda: self.closed.update([name]))


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    return Tools(monkeypatch)


def at_once(count: int, work: Any) -> list[Any]:
    """Return what `work(number)` gives in so many threads that begin together."""
    gate = threading.Barrier(count)

    def begin(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def test_nothing_is_opened_before_somebody_asks(tools: Tools, tmp_path: Path) -> None:
    with Workspace(Project(tmp_path)):
        pass
    assert (tools.opened, tools.closed) == (Counter(), Counter())


@pytest.mark.parametrize("name", TOOLS)
def test_threads_that_ask_at_once_get_the_one_tool(tools: Tools, tmp_path: Path, name: str) -> None:
    with Workspace(Project(tmp_path)) as workspace:
        found = at_once(THREADS, lambda _: getattr(workspace, name))
    assert {each.name for each in found} == {name}
    assert len({id(each) for each in found}) == 1
    assert (tools.opened[name], tools.closed[name]) == (1, 1)


def test_open_ask_and_close_at_once_open_once_close_once_and_refuse_the_late(tools: Tools, tmp_path: Path) -> None:
    workspace, names = Workspace(Project(tmp_path)), list(TOOLS)

    def work(number: int) -> str:
        if number % 8 == 7:
            workspace.close()
            return "closed"
        try:
            return str(getattr(workspace, names[number % len(names)]).name)
        except WorkspaceClosed as late:
            return str(late)

    said = at_once(THREADS, work)
    assert set(said) - set(TOOLS) - {"closed"} <= {text for text in said if "is closed and opens no" in text}
    assert tools.opened == tools.closed
    assert set(tools.opened.values()) <= {1}
    with pytest.raises(WorkspaceClosed, match="opens no feature store any more; open another one"):
        _ = workspace.features


def test_a_tool_that_was_given_is_used_and_not_closed(tools: Tools, tmp_path: Path) -> None:
    closed: list[str] = []
    given: Any = SimpleNamespace(name="mine", close=lambda: closed.append("mine"))
    with Workspace(Project(tmp_path), registry=given) as workspace:
        assert workspace.registry is given
    assert (closed, tools.opened["registry"]) == ([], 0)
    with pytest.raises(WorkspaceClosed, match="registry"):
        _ = workspace.registry


def test_who_could_not_be_opened_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers = iter([StageError("the disk is full"), "opened"])

    def open_it(_: Project) -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(wiring, "tracker", open_it)
    workspace = Workspace(Project(tmp_path))
    with pytest.raises(StageError, match="the disk is full"):
        _ = workspace.tracker
    assert workspace.tracker == "opened"


def test_the_history_belongs_to_the_registry_of_the_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(wiring, "history", lambda _project, registry: asked.append(registry))
    registry = FakeRegistry()
    workspace = Workspace(Project(tmp_path), registry=registry)
    _ = workspace.history
    assert asked == [registry]


def test_parameters_are_read_once_and_again_after_an_edit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project, read = Project(tmp_path), Counter()
    real = wiring.params
    monkeypatch.setattr(wiring, "params", lambda home: read.update(["params"]) or real(home))
    project.params.write_text("seed: 7\n")
    workspace = Workspace(project)
    assert {each.seed for each in at_once(8, lambda _: workspace.params)} == {7}
    assert read["params"] == 1
    fresh = tmp_path / "fresh"
    fresh.write_text("seed: 8\n")
    fresh.replace(project.params)
    assert (workspace.params.seed, read["params"]) == (8, 2)


def test_each_part_is_the_tool_of_the_project(tmp_path: Path) -> None:
    with Workspace(Project(tmp_path)) as workspace:
        found = {name: type(getattr(workspace, name)).__name__ for name in TOOLS}
    assert found == {
        "tracker": "MlflowTracker",
        "registry": "MlflowRegistry",
        "runs": "MlflowRuns",
        "history": "PromotionHistory",
        "features": "FeastStore",
        "versions": "DvcRepo",
    }
