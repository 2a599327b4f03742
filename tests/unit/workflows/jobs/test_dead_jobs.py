"""A job that waits: what is dead before it is closed by whoever looks at it, so that it gets its turn; what lives keeps its own."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from pitwall.adapters.prefect.api import FlowRun
from pitwall.adapters.processes.identity import identity_of
from pitwall.domain.project import Project
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.workflows.jobs import notes
from pitwall.workflows.jobs.standing import job_of
from pitwall.workflows.workspace import Workspace

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
FIRST, SECOND = (str(UUID(int=number)) for number in (1, 2))


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Project(tmp_path), tracker=FakeTracker(), registry=FakeRegistry())


@pytest.mark.parametrize("dead", [True, False])
def test_what_is_dead_does_not_keep_others_waiting(workspace, dead):
    runs, project = FakeRuns(), workspace.project
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    runs.all += [
        FlowRun(FIRST, "the first", "order", "", "RUNNING", AT, AT, None, False),
        FlowRun(SECOND, "the second", "order", "", "SCHEDULED", AT, None, None, False),
    ]
    for number, name in ((FIRST, "the first"), (SECOND, "the second")):
        notes.started(project, number, "order", name, {})
    (project.state / "jobs" / FIRST / notes.PROCESS).write_text(identity_of(child.pid))
    try:
        if dead:
            child.kill()
            child.wait()
        found = job_of(workspace, runs, notes.note(project, SECOND), whole=False)
        assert found.state == "waiting"
        assert [run.state for run in runs.all] == ["CRASHED" if dead else "RUNNING", "SCHEDULED"]
        assert (runs.why.get("the first") == "its process was killed, or ended without a word") is dead
        assert Path(project.state / "jobs" / FIRST / notes.DIED).exists() is dead
    finally:
        child.kill()
        child.wait()
