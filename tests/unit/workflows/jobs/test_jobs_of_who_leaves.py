"""Who leaves takes their jobs along: what is at work ends, what waits never begins, and nothing is noted of it any more."""

import subprocess
import sys

import psutil
import pytest

from pitwall.adapters.processes.identity import identity_of
from pitwall.domain.access.words import Tier
from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.domain.settings import ACCOUNTS_VARIABLE
from pitwall.testing.fakes.ports import FakeRegistry
from pitwall.testing.fakes.run_store import FakeTracker
from pitwall.testing.schedule.runs import FakeRuns
from pitwall.workflows.jobs import notes, standing, starting
from pitwall.workflows.jobs.leaving import LEAVE
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.workspace import Workspace

ORDER = TrainingOrder(question="dnf", algorithm="logistic", groups=("driver_form",))
ONES = (("one", "ada"), ("two", "ada"), ("one", "ben"))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> FakeRuns:
    """A Prefect server with a worker that never takes anything."""
    made = FakeRuns()
    monkeypatch.setattr(starting, "_server", lambda project: made)
    monkeypatch.setattr(starting, "worker_alive", lambda project: True)
    monkeypatch.setattr(standing, "worker_alive", lambda project: True)
    return made


@pytest.fixture
def workspace(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(ACCOUNTS_VARIABLE, raising=False)
    with Workspace(Project(tmp_path), tracker=FakeTracker(), registry=FakeRegistry()) as tools:
        tools.accounts.set_tier(Tier("free"))
        for name in ("ada", "ben"):
            tools.accounts.create(name, ["read"])
        yield tools


@pytest.fixture
def worker():
    """A process that would work for a minute."""
    made = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield made
    made.kill()
    made.wait()


def test_what_waits_never_begins_what_is_at_work_ends_and_what_is_anothers_stays(
    workspace: Workspace, runs: FakeRuns, worker: subprocess.Popen[bytes]
) -> None:
    waits, works, others = (starting.start(workspace, ORDER, key, who).id for key, who in ONES)
    (workspace.project.state / "jobs" / works / notes.PROCESS).write_text(identity_of(worker.pid))
    runs.change(next(run for run in runs.all if run.id == works), "RUNNING")
    workspace.accounts.reserve("ada", "two", model="hers-pre_race")
    said = LEAVE(workspace, "ada")
    assert said == [
        "gone: 2 jobs; what they trained stays among the project's runs.",
        "stays: hers-pre_race, as the project's.",
    ]
    assert not psutil.pid_exists(worker.pid) or psutil.Process(worker.pid).status() == psutil.STATUS_ZOMBIE
    assert {run.id: run.state for run in runs.all} == {waits: "CANCELLED", works: "CANCELLED", others: "SCHEDULED"}
    assert [each.id for each in notes.notes(workspace.project)] == [others]
    for number in (waits, works):
        assert notes.since(workspace.project, number, notes.CANCELLED) is not None
        assert not notes.process(workspace.project, number)
        with pytest.raises(UsageError, match="there is no job"):
            starting.job(workspace, number)
    assert LEAVE(workspace, "ada")[0].startswith("stays"), "again after a kill"


def test_where_no_server_answers_its_process_ends_all_the_same(
    workspace: Workspace, runs: FakeRuns, worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = starting.start(workspace, ORDER, "one", "ada").id
    (workspace.project.state / "jobs" / works / notes.PROCESS).write_text(identity_of(worker.pid))
    monkeypatch.setattr(starting, "_server", lambda project: None)
    assert LEAVE(workspace, "ada")[0].startswith("gone: 1 jobs")
    assert worker.wait(10) < 0
    assert notes.since(workspace.project, works, notes.CANCELLED) is not None
