"""Orders and deployments as jobs, with a real Prefect server and worker: trained, cancelled, and found dead after a kill -9.

The world is tiny and the steps are real; where a job has to last, its flow waits instead.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

import httpx
import pytest

from pitwall.adapters.processes.child import stop
from pitwall.adapters.processes.identity import life
from pitwall.adapters.processes.prefect_server import free_port, wait_until_healthy
from pitwall.adapters.services.running import read as parts
from pitwall.domain.access.words import Tier
from pitwall.domain.clock import wall
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.testing.worlds.project import TinyProject
from pitwall.workflows.jobs import notes
from pitwall.workflows.jobs.job import Job
from pitwall.workflows.jobs.starting import cancel, deploy, job, jobs, judge, start
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

PATIENCE_S = 240
HASTY_S = 20.0
ORDER = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form", "team_form"), folds=1)
LASTING = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form",), seed=999)
WAIT = """

_settle = training.settle
def _lasting(workspace, order):
    import time
    if order.seed == 999:
        while True:
            time.sleep(0.2)
    return _settle(workspace, order)
training.settle = _lasting
"""


@pytest.fixture(scope="module")
def ordered(tiny_project: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A copy of the tiny project: what is ordered and deployed here is no model of the other tests."""
    root = tmp_path_factory.mktemp("orders") / "project"
    shutil.copytree(tiny_project.root, root, symlinks=True)
    steps = root / "tasks" / "ordering.py"
    steps.write_text(steps.read_text() + WAIT)
    return TinyProject(root)


@pytest.fixture(scope="module")
def workspace(ordered: TinyProject) -> Iterator[Workspace]:
    """The project with its servers up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PITWALL_HOME", str(ordered.root))
        patch.chdir(ordered.root)
        with Workspace(Project(ordered.root)) as tools:
            with pytest.raises(StageError, match="pitwall up"):
                start(tools, ORDER)
            ordered.pitwall("up", "--no-api")
            yield tools
    ordered.pitwall("down", check=False)


def look(workspace: Workspace, number: str) -> Job | None:
    """Return how a job stands; None while the Prefect server is too busy to say."""
    try:
        return job(workspace, number)
    except StageError:
        return None


@contextmanager
def pages_of(project: TinyProject) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """Yield a server of the project's pages, and who asks it."""
    port = free_port(8300)
    with (project.root / "pages.log").open("ab") as log:
        command = [sys.executable, "-m", "pitwall.web", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=project.root, env=project.env, stdout=log, stderr=log, start_new_session=True
        )
    origin = f"http://127.0.0.1:{port}"
    wait_until_healthy(f"{origin}/health", server, project.root / "pages.log", "pages")
    headers = {"Accept": "text/html", "Origin": origin}
    try:
        with httpx.Client(base_url=origin, headers=headers, follow_redirects=True, timeout=60.0) as ask:
            yield server, ask
    finally:
        if server.poll() is None:
            stop(server)


def wait_for(workspace: Workspace, number: str, fits: Callable[[Job], bool]) -> Job:
    """Look at a job until it is so."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := look(workspace, number)) is None or not fits(found):
        assert found is None or found.open, (found.state, found.why, found.log)
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


def test_an_order_is_trained_audited_and_compared_and_a_draft_deployed(workspace: Workspace) -> None:
    began = start(workspace, ORDER, key="one form")
    assert start(workspace, ORDER, key="one form").id == began.id
    assert began.order is not None
    assert [step.name for step in began.steps] == ["rows", "tune", "judge", "refit", "audit", "compare"]
    done = wait_for(workspace, began.id, lambda found: found.state in ("ended", "failed"))
    assert done.state == "ended", (done.why, done.log)
    assert {step.state for step in done.steps} == {"done"}
    assert {row["gate"] for row in done.result["verdicts"]} >= {"leak_audit", "beats_baseline"}
    assert workspace.runs.read(done.result["run_id"]).status == "FINISHED"

    named = wait_for(
        workspace,
        deploy(workspace, done.result["draft"], "my_dnf").id,
        lambda found: found.state in ("ended", "failed"),
    )
    assert named.state == "ended", (named.why, named.log)
    assert named.result["model"] == "my_dnf-pre_race"
    assert len([step for step in named.steps if step.name.startswith("gate-")]) >= 10
    assert isinstance(named.result["promoted"], bool)

    version = named.result["version"]
    again = judge(workspace, "my_dnf-pre_race", version)
    assert [step.name for step in again.steps] == ["register", "gate", "promote"]
    judged = wait_for(workspace, again.id, lambda found: found.state in ("ended", "failed"))
    assert judged.state == "ended", (judged.why, judged.log)
    assert judged.result["version"] == version
    assert len(judged.result["verdicts"]) == len(named.result["verdicts"])


def test_one_waits_for_the_other_and_a_cancelled_one_ends_with_its_process(workspace: Workspace) -> None:
    first = start(workspace, LASTING)
    running = wait_for(workspace, first.id, lambda found: found.state == "running" and bool(found.steps[0].seconds))
    second = start(workspace, LASTING)
    waits = job(workspace, second.id)
    assert waits.state == "waiting"
    assert cancel(workspace, second.id).state == "cancelled"
    identity = notes.process(workspace.project, running.id)
    cancel(workspace, first.id)
    ended = wait_for(workspace, first.id, lambda found: found.state == "cancelled")
    assert ended.steps[0].state == "not done"
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{identity.split(':')[3]}").exists():  # its last words may come before its end
        assert time.monotonic() < deadline, "the process of a cancelled job lives"
        time.sleep(0.2)


def used(workspace: Workspace) -> int:
    """Return how many jobs of today Ada has used."""
    return workspace.accounts.jobs_on("ada", wall().astimezone(UTC).date())


def test_a_job_over_its_time_is_ended_and_says_so_and_was_one_of_the_day(workspace: Workspace) -> None:
    workspace.accounts.set_tier(Tier("free", jobs_per_day=2, job_hours=HASTY_S / 3600))
    workspace.accounts.create("ada", ["read"])
    began = start(workspace, LASTING, "hasty", "ada")
    ended = wait_for(workspace, began.id, lambda found: found.state == "over its time")
    assert ended.why.startswith("ended after") and "the tier free allows" in ended.why
    process = notes.process(workspace.project, began.id)
    deadline = time.monotonic() + PATIENCE_S
    while life(process) == "alive":
        assert time.monotonic() < deadline, "the process of a job over its time lives"
        time.sleep(0.2)
    assert used(workspace) == 1
    assert [each.job for each in workspace.accounts.shares("ada")] == [began.id]


def test_pages_whose_server_was_killed_tell_of_the_job_as_it_stands_once_they_are_back(
    workspace: Workspace, ordered: TinyProject
) -> None:
    began = start(workspace, LASTING)
    wait_for(workspace, began.id, lambda found: found.state == "running")
    with pages_of(ordered) as (server, ask):
        assert "It is at work" in ask.get(f"/jobs/{began.id}").text
        server.kill()
        server.wait()
    assert job(workspace, began.id).state == "running"
    with pages_of(ordered) as (_, ask):
        shown = ask.get(f"/jobs/{began.id}").text
        assert "It is at work" in shown
        found = re.search(r'name="csrf" value="([^"]+)"', shown)
        assert found is not None
        told = ask.post(f"/jobs/{began.id}/cancel", data={"csrf": found.group(1)}).text
        assert "cancel" in told
        wait_for(workspace, began.id, lambda found: found.state == "cancelled")
        assert "It was cancelled" in ask.get(f"/jobs/{began.id}").text


def test_a_process_that_was_killed_is_found_dead_and_so_is_a_worker(workspace: Workspace) -> None:
    workspace.accounts.set_tier(Tier("free", jobs_per_day=2))
    began = start(workspace, LASTING, "killed", "ada")
    wait_for(workspace, began.id, lambda found: found.state == "running")
    worker = next(part for part in parts(workspace.project) if part.name == "worker")
    os.kill(worker.pid, signal.SIGKILL)  # so that nobody tells of it but who looks
    os.kill(int(notes.process(workspace.project, began.id).split(":")[3]), signal.SIGKILL)
    time.sleep(0.5)
    found = job(workspace, began.id)
    assert found.state == "died"
    assert "killed" in found.why
    assert jobs(workspace)[0].state == "died"
    with pytest.raises(StageError, match="no worker of this project is alive"):
        start(workspace, ORDER, "refused", "ada")
    assert used(workspace) == 2, "what was killed was one of the day, what never began was not"
    with pytest.raises(StageError, match="no worker"):
        start(workspace, ORDER, "refused again", "ada")


def test_without_a_server_jobs_are_listed_and_nothing_is_claimed(workspace: Workspace, ordered: TinyProject) -> None:
    ordered.pitwall("down")
    there = jobs(workspace)
    assert len(there) >= 4
    assert {each.state for each in there} == {"unknown"}
    assert "pitwall up" in there[0].why
