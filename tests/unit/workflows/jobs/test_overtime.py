"""A job over its time ends itself and says so; one that cannot, as it was stopped, is ended by whoever looks. The processes are real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from pitwall.adapters.prefect.api import FlowRun
from pitwall.domain.project import Project
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.workflows.jobs import notes, overtime
from pitwall.workflows.jobs.job import Job
from pitwall.workflows.jobs.standing import job_of
from pitwall.workflows.workspace import Workspace

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
ONE = str(UUID(int=1))
WORKS = """
import signal, subprocess, sys, time
from pathlib import Path
from pitwall.domain.project import Project
from pitwall.workflows.jobs import notes, overtime
stubborn = sys.argv[2] == "stubborn"
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    overtime.GRACE_S = 0.5
project = Project(Path(sys.argv[1]))
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
(project.root / "child").write_text(str(child.pid))
notes.begun(project, sys.argv[3])
overtime.watch(project, sys.argv[3])
while True:
    time.sleep(0.1)
"""


@pytest.fixture
def workspace(tmp_path: Path):
    return Workspace(Project(tmp_path), tracker=FakeTracker(), registry=FakeRegistry())


@pytest.fixture
def works(workspace: Workspace):
    """Start a process that works on the job and never ends by itself; it is killed at last, with its child."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(how: str = "polite", limit_s: float | None = 0.5) -> subprocess.Popen[bytes]:
        project = workspace.project
        notes.started(project, ONE, "order", "dnf", {}, notes.Terms("ada", "a key", "free", limit_s))
        begun.append(subprocess.Popen([sys.executable, "-c", WORKS, str(project.root), how, ONE]))
        deadline = time.monotonic() + 120
        while not notes.process(project, ONE):
            assert begun[-1].poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return begun[-1]

    yield begin
    for each in begun:
        each.kill()
        each.wait()
    child = workspace.project.root / "child"
    if child.is_file() and psutil.pid_exists(int(child.read_text())):
        psutil.Process(int(child.read_text())).kill()


def look(workspace: Workspace, state: str = "RUNNING") -> tuple[Job, FakeRuns]:
    runs = FakeRuns()
    runs.all.append(FlowRun(ONE, "dnf", "order", "", state, AT, AT, None, False))
    note = notes.note(workspace.project, ONE)
    assert note is not None
    return job_of(workspace, runs, note, whole=False), runs  # type: ignore[arg-type]


def is_alive(workspace: Workspace) -> bool:
    """Return whether the process that the job's own has started stays at work; the kernel may take a moment to end it."""
    number, deadline = int((workspace.project.root / "child").read_text()), time.monotonic() + 30
    while psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(("how", "by"), [("polite", signal.SIGTERM), ("stubborn", signal.SIGKILL)])
def test_a_job_over_its_time_ends_itself_and_says_why(
    workspace: Workspace, works, how: str, by: signal.Signals
) -> None:
    assert works(how).wait(120) == -by
    if how == "stubborn":
        assert not is_alive(workspace)
    found, runs = look(workspace)
    assert (found.state, found.why) == ("over its time", "ended after 0.5 s, which the tier free allows")
    assert not found.open
    assert (runs.all[0].state, runs.why["dnf"]) == ("CRASHED", found.why)
    assert notes.since(workspace.project, ONE, notes.DIED) is not None, "runs of the store were looked after"


def test_one_that_was_stopped_is_ended_by_whoever_looks_with_all_that_it_started(workspace: Workspace, works) -> None:
    process = works(limit_s=600)
    os.kill(process.pid, signal.SIGSTOP)
    assert look(workspace)[0].state == "running", "its time is not over"
    path = workspace.project.state / "jobs" / ONE / notes.PROCESS
    began = time.time() - 600
    os.utime(path, (began, began))
    assert look(workspace)[0].state == "running", "it has ten seconds to end itself"
    began -= overtime.LATE_S + 1
    os.utime(path, (began, began))
    found, runs = look(workspace)
    assert process.wait(60) == -signal.SIGKILL
    assert not is_alive(workspace)
    assert (found.state, found.why) == ("over its time", "ended after 10 min, which the tier free allows")
    assert runs.all[0].state == "CRASHED"


def test_without_a_limit_and_after_its_end_nothing_is_ended(workspace: Workspace, works) -> None:
    process = works(limit_s=None)
    path = workspace.project.state / "jobs" / ONE / notes.PROCESS
    os.utime(path, (0, 0))
    assert look(workspace)[0].state == "running"
    assert process.poll() is None
    assert look(workspace, "COMPLETED")[0].state == "ended"
    assert not overtime.is_over(workspace.project, ONE)


def test_a_job_that_was_cancelled_before_is_not_said_to_be_over_its_time(workspace: Workspace, works) -> None:
    notes.marked(workspace.project, ONE, notes.CANCELLED)
    process = works(limit_s=0.2)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    assert not overtime.is_over(workspace.project, ONE)
    process.kill()
    process.wait()
    assert look(workspace)[0].state == "cancelled"
