"""Use cases in the threads of one process: one at a time in a project, the other waits and names it; none needs the main thread."""

from __future__ import annotations

import logging
import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import pitwall as pw
from pitwall import wiring
from pitwall.adapters.processes.lock import holder
from pitwall.domain.project import Project
from pitwall.testing import FakeTracker
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, World
from pitwall.tracking import seeds
from pitwall.workflows import forecast, online
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

LOCK = "pitwall.adapters.processes.lock"
PATIENCE_S = 60
PAGE = Path(__file__).resolve().parents[3] / "docs" / "workflows.md"
PARAMS_FILE = "models: {order: {estimator: grid_frequency, first_season: 2021}}\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture
def workspace(world: World) -> Workspace:
    clean: Any = SimpleNamespace(stale=lambda _: [], hashes=dict)
    tools = {"tracker": FakeTracker(), "registry": world.registry, "features": world.reader, "versions": clean}
    return Workspace(world.job.project, params=PARAMS, **tools)


def test_a_second_use_case_waits_for_the_first_and_names_it(
    world: World, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inside, waiting = threading.Event(), threading.Event()
    order: list[str] = []
    real = world.reader.materialise

    def materialise(cutoff: Any, service: str) -> Any:
        order.append(str(holder(world.job.project)).split(" (")[0])
        inside.set()
        assert waiting.wait(PATIENCE_S)
        return real(cutoff, service)

    class Waits(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            waiting.set()

    monkeypatch.setattr(world.reader, "materialise", materialise)
    handler = Waits(logging.WARNING)
    logging.getLogger(LOCK).addHandler(handler)
    try:
        with caplog.at_level(logging.WARNING), ThreadPoolExecutor(2, thread_name_prefix="request") as pool:
            first = pool.submit(forecast.forecast, workspace, NAME, NEXT)
            assert inside.wait(PATIENCE_S)
            second = pool.submit(online.materialise, workspace)
            assert second.result(PATIENCE_S)[0].service == "order"
            assert first.result(PATIENCE_S).made.race == NEXT
    finally:
        logging.getLogger(LOCK).removeHandler(handler)
    (said,) = [record.getMessage() for record in caplog.records if record.name == LOCK]
    assert said.startswith(
        f"waiting for the project lock, held by pitwall forecast (process {os.getpid()}, thread request_0"
    )
    assert list(dict.fromkeys(order)) == ["pitwall forecast", "pitwall features materialise"]
    assert holder(world.job.project) is None


def test_a_forecast_of_another_thread_is_that_of_the_main_one(workspace: Workspace) -> None:
    here = forecast.forecast(workspace, NAME, NEXT)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(forecast.forecast, workspace, NAME, NEXT).result(PATIENCE_S)
    assert there.made == here.made
    assert there.path == here.path


def test_an_experiment_runs_in_another_thread_and_touches_no_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "find_spec", lambda name: None)  # PyTorch takes seconds to load
    tracker, before, environment = FakeTracker(), signal.getsignal(signal.SIGTERM), dict(os.environ)
    experiment = pw.ReproducibleExperiment(pw.ExperimentConfig({"seed": 7}), tracker, tracker, Project(tmp_path))
    seen: list[Any] = []

    def train(_config: Any, run: Any) -> dict[str, float]:
        run.log_metric("loss", 1.0)
        seen.append(signal.getsignal(signal.SIGTERM))
        return {"final_loss": 0.5}

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(experiment.run, train).result(PATIENCE_S) == {"final_loss": 0.5}
    assert tracker.runs[experiment.run_id].status == "FINISHED"
    assert seen == [before]
    assert environment.items() <= dict(os.environ).items()


def test_the_snippet_of_the_docs_runs_as_it_stands(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    root, clean = world.job.project.root, SimpleNamespace(stale=lambda _: [], hashes=dict)
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    (root / "params.yaml").write_text(PARAMS_FILE, encoding="utf-8")
    monkeypatch.setenv("PITWALL_HOME", str(root))
    tools = {"tracker": FakeTracker(), "registry": world.registry, "feature_reader": world.reader}
    for name, tool in {**tools, "data_versions": clean}.items():
        monkeypatch.setattr(wiring, name, lambda _, tool=tool: tool)
    said: dict[str, Any] = {}
    exec(snippet, said)  # the page's own words
    assert said["stored"].made.race == NEXT
