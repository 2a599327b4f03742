"""A run that nobody started by hand happens on its schedule, against a real Prefect server, and can be read there."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.adapters.prefect.api import POOL, SCHEDULED, PrefectApi
from pitwall.adapters.processes.child import run, start, stop, tail
from pitwall.adapters.processes.prefect_server import (
    LOOPBACK,
    free_port,
    prefect_env,
    prefect_server,
    start_prefect,
    wait_until_healthy,
)
from pitwall.domain.project import Project
from pitwall.testing.worlds.project import TinyProject
from pitwall.tracking.checklists.lint import lint
from pitwall.tracking.manifest import of_run
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

PATIENCE_S = 420
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
TASKS = {
    *("close_killed_runs", "ingest", "reproduce_data", "keep", "materialise", "is_stale", "register", "check"),
    *("decide", "forecast", "score_record", "titles", "plan"),
}


@pytest.fixture(scope="module")
def server(tiny_project: TinyProject) -> Iterator[str]:
    """A Prefect server of the tiny project."""
    project = Project(tiny_project.root)
    port = free_port(4300)
    url = f"http://{LOOPBACK}:{port}/api"
    process = start_prefect(project, port)
    try:
        wait_until_healthy(f"{url}/health", process, project.state / "prefect-server.log", "Prefect server")
        yield url
    finally:
        stop(process)


@pytest.fixture(scope="module")
def scheduled_run(tiny_project: TinyProject, server: str) -> dict[str, Any]:
    """The first run of a deployment that is due every minute, after it has ended; no second one is begun meanwhile."""
    log = tiny_project.root / ".pitwall" / "worker.log"
    env = {**prefect_env(Project(tiny_project.root), server), **tiny_project.env, "PREFECT_API_URL": server}
    deploy = [sys.executable, "-m", "flows.deployments", "--cron", "* * * * *"]
    assert run(deploy, tiny_project.root, env) == 0
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    working = start(command, tiny_project.root, env, log)
    try:
        wait_for_a_run(server, log, {"RUNNING", *FINAL})
        end_the_schedule(server)
        ended = wait_for_a_run(server, log, FINAL)
    finally:
        stop(working)
    return ended


def end_the_schedule(server: str) -> None:
    """Pause the deployments, forget the run that the next minute has planned, and let one that has begun come to its end."""
    for deployment in ask(server, "deployments/filter", {}):
        call("PATCH", f"{server}/deployments/{deployment['id']}", {"paused": True})
    runs = PrefectApi(server)
    for waiting in runs.runs(SCHEDULED):
        runs.remove(waiting)
    deadline = time.monotonic() + PATIENCE_S
    busy = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}}
    while ask(server, "flow_runs/filter", busy):
        assert time.monotonic() < deadline, "a scheduled run did not end"
        time.sleep(1)


def wait_for_a_run(server: str, log: Path, states: set[str]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for found in ask(server, "flow_runs/filter", {"sort": "START_TIME_ASC"}):
            if found["state_type"] in states:
                return found
        time.sleep(2)
    raise AssertionError(f"no scheduled run came to be one of {sorted(states)}; the worker said:\n{tail(log, 60)}")


def call(method: str, url: str, body: dict[str, Any]) -> httpx.Response:
    """Call the server, again while its SQLite database is busy with a run: it answers 503 then, and clients wait."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = httpx.request(method, url, json=body, timeout=30)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
            return answer.raise_for_status()
        time.sleep(1)


def ask(server: str, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = call("POST", f"{server}/{path}", body).json()
    assert isinstance(answer, list)
    return answer


def test_the_run_completed_by_schedule(scheduled_run: dict[str, Any]) -> None:
    assert scheduled_run["auto_scheduled"]
    assert scheduled_run["state_type"] == "COMPLETED", scheduled_run["state"]["message"]


def test_all_its_tasks_can_be_read(scheduled_run: dict[str, Any], server: str) -> None:
    tasks = ask(server, "task_runs/filter", {"flow_runs": {"id": {"any_": [scheduled_run["id"]]}}})
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    assert {task["task_key"].rpartition(".")[2].split("-")[0] for task in tasks} == TASKS
    gates = {path.stem for path in (Path(__file__).parents[2] / "src/pitwall/ml/gates").glob("[!_]*.py")}
    assert {task["name"] for task in tasks if task["name"].startswith("gate-")} == {f"gate-{gate}" for gate in gates}


def test_it_shows_verdicts_and_forecast(scheduled_run: dict[str, Any], server: str) -> None:
    artifacts = ask(server, "artifacts/filter", {"flow_runs": {"id": {"any_": [scheduled_run["id"]]}}})
    assert {artifact["key"] for artifact in artifacts} == {"verdicts-order-pre-race", "forecast-order-pre-race"}


def test_its_log_says_what_happened(scheduled_run: dict[str, Any], server: str) -> None:
    body = {"logs": {"flow_run_id": {"any_": [scheduled_run["id"]]}}, "limit": 200}
    messages = [entry["message"] for entry in ask(server, "logs/filter", body)]
    assert any("no news" in message for message in messages)


def test_dvc_has_nothing_to_do_after_it(scheduled_run: dict[str, Any], tiny_project: TinyProject) -> None:
    assert scheduled_run["state_type"] == "COMPLETED"
    assert "up to date" in tiny_project.dvc("repro").stdout


def test_a_look_after_it_writes_a_page_and_shows_its_top_on_the_run(
    scheduled_run: dict[str, Any], tiny_project: TinyProject, server: str, tmp_path: Path
) -> None:
    assert scheduled_run["state_type"] == "COMPLETED"
    program = "import os, runpy, sys\nos.environ['PREFECT_API_URL'] = sys.argv.pop(1)\nrunpy.run_module('flows.monitor', run_name='__main__')"
    tiny_project.run(sys.executable, "-c", program, server, "--result", str(tmp_path / "look.json"))
    told = json.loads((tmp_path / "look.json").read_text())
    assert (told["alarms"], told["trained"]) == ([], [])
    assert told["verdict"] == "no alarms, 1 model, the first page"
    page = (tiny_project.root / told["page"]).read_text(encoding="utf-8")
    assert told["verdict"] in page
    runs = ask(server, "flow_runs/filter", {"flows": {"name": {"any_": ["monitor"]}}, "sort": "START_TIME_DESC"})
    done = next(each for each in runs if each["state_type"] == "COMPLETED")
    (artifact,) = ask(server, "artifacts/filter", {"flow_runs": {"id": {"any_": [done["id"]]}}})
    assert artifact["key"] == "monitoring"
    assert told["verdict"] in artifact["data"]
    assert told["page"] in artifact["data"]


def test_a_refused_promotion_exits_with_3_and_names_the_gates(
    scheduled_run: dict[str, Any], tiny_project: TinyProject, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", server)
    assert scheduled_run["state_type"] == "COMPLETED"
    with prefect_server(Project(tiny_project.root)) as url:
        assert url == server
    program = "import os, sys\nos.environ['PREFECT_API_URL'] = sys.argv.pop(1)\nfrom pitwall.cli import main\nmain()"
    command = [sys.executable, "-c", program, server, "promote", "race_winner", "--json", "-"]
    done = tiny_project.run(*command, check=False)
    assert done.returncode == 3, done.stderr
    answer = json.loads(done.stdout)
    refused = {verdict["gate"] for verdict in answer["verdicts"] if not verdict["passed"]}
    assert refused
    assert all(gate in answer["outcome"] for gate in refused)


def test_training_by_a_flow_leaves_dvc_nothing_to_do(
    scheduled_run: dict[str, Any], tiny_project: TinyProject, server: str
) -> None:
    assert scheduled_run["state_type"] == "COMPLETED"
    program = "import os, sys\nos.environ['PREFECT_API_URL'] = sys.argv.pop(1)\nfrom pitwall.cli import main\nmain()"
    done = tiny_project.run(sys.executable, "-c", program, server, "train", "--manual-step", "by hand", "--json", "-")
    report = json.loads(done.stdout)
    assert report["model"] == "order-pre_race"
    assert "up to date" in tiny_project.dvc("repro").stdout
    runs = ask(server, "flow_runs/filter", {"flows": {"name": {"any_": ["train"]}}})
    artifacts = ask(server, "artifacts/filter", {"flow_runs": {"id": {"any_": [runs[0]["id"]]}}})
    assert any(report["run_id"] in str(artifact["data"]) for artifact in artifacts)
    store = Workspace(Project(tiny_project.root)).runs
    manifest = of_run(store, report["run_id"])
    assert manifest.orchestration["prefect"] == {"flow_run": runs[0]["id"]}
    assert (manifest.orchestration["started_by"], manifest.manual_steps) == ("flow", ["by hand"])
    checked = lint(store, store.read(report["run_id"]), Project(tiny_project.root))
    assert [finding.item for finding in checked.missing] == []
