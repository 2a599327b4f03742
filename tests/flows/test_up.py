"""`pitwall up`, `status` and `down` with a real Prefect server and worker: what is due is run, what was missed is made up for, once.

The flow after a session is a quick one in the place of the real one, which tests/flows/test_schedule.py and others go through.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from pitwall.adapters.prefect.api import PrefectApi
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.testing.schedule.calendar import calendar, weekend
from pitwall.testing.worlds.project import TinyProject
from pitwall.workflows.schedule.agenda import follow
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

PATIENCE_S = 120
QUICK = """
from pathlib import Path
from prefect import flow, runtime

@flow(name="forecast_weekend")
def forecast_weekend() -> None:
    with Path("ran.txt").open("a") as ran:
        ran.write(f"{runtime.flow_run.name}\\n")
"""
SETTINGS = {
    "PITWALL_TRACKING_URI": "http://127.0.0.1:5999",  # a run store elsewhere: none is started here
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",
}


class Served(TinyProject):
    """The project, with settings that make Prefect quicker."""

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, **SETTINGS}

    def status(self) -> dict[str, Any]:
        """Return what `pitwall status` says as JSON, with its exit code."""
        done = self.pitwall("status", "--json", "-", check=False)
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "exit_code": done.returncode}

    def ran(self) -> list[str]:
        """Return the names of the runs that the quick flow has written down."""
        written = self.root / "ran.txt"
        return written.read_text().splitlines() if written.is_file() else []

    def left(self) -> list[psutil.Process]:
        """Return the processes that work for this project."""
        return [each for each in psutil.process_iter() if _home(each) == str(self.root)]


def _home(process: psutil.Process) -> str | None:
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.environ().get("PITWALL_HOME")
    except psutil.Error:
        return None


@pytest.fixture
def served(empty_project: TinyProject) -> Iterator[Served]:
    """A tiny project with a race a month away, in which everything is stopped afterwards."""
    made = Served(empty_project.root)
    (made.root / "flows" / "forecast_weekend.py").write_text(QUICK)
    publish(made, weekend(datetime.now(UTC) + timedelta(days=30)))
    yield made
    made.pitwall("down", check=False)


def publish(served: Served, *races: dict[str, Any]) -> None:
    save_tables({"races": calendar(*races)}, Project(served.root).tables)


def due_after(seconds: float, session: str) -> dict[str, Any]:
    """Return a race whose practice or qualifying is known in some seconds, and whose next session is hours away."""
    start = datetime.now(UTC) + timedelta(seconds=seconds) - timedelta(hours=2)
    hours = {"practice": {"practice_at": 0, "qualifying_at": 24, "starts_at": 48}}
    hours["qualifying"] = {"practice_at": -24, "qualifying_at": 0, "starts_at": 24}
    return {name: f"{start + timedelta(hours=each):%Y-%m-%dT%H:%M:%SZ}" for name, each in hours[session].items()}


def moved(served: Served, server: str, *races: dict[str, Any]) -> tuple[int, int]:
    """Let the calendar move, as an ingest would; return how many runs were added and removed."""
    publish(served, *races)
    with Workspace(Project(served.root)) as workspace:
        a_minute_ago = datetime.now(UTC) - timedelta(
            minutes=1
        )  # a slow machine may take longer than what is due in seconds
        found = follow(workspace, PrefectApi(server), a_minute_ago)
    return found.added, found.removed


def wait_for(served: Served, number: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(served.ran()) < number:
        assert time.monotonic() < deadline, (Path(served.root) / ".pitwall" / "up-worker.log").read_text()[-4000:]
        time.sleep(0.2)


def test_what_is_due_is_run_and_what_was_missed_is_made_up_for_once(served: Served) -> None:
    said = served.pitwall("up", "--no-api").stdout
    assert "6 runs of the calendar to come, 6 new" in said
    status = served.status()
    assert status["exit_code"] == 0
    assert {part["name"]: part["state"] for part in status["parts"]} == {"prefect": "healthy", "worker": "healthy"}
    server = f"{status['parts'][0]['page']}/api"

    assert moved(served, server, due_after(3, "practice")) == (6, 6)
    wait_for(served, 1)
    assert served.ran() == ["2024-07 after practice"]

    os.kill({part["name"]: part["pid"] for part in status["parts"]}["worker"], signal.SIGKILL)
    moved(served, server, due_after(2, "qualifying"), due_after(2, "practice"))
    time.sleep(3)  # both are due now, and nobody is there
    status = served.status()
    assert status["exit_code"] == 1
    assert {part["name"]: part["state"] for part in status["parts"]} == {"prefect": "healthy", "worker": "gone"}
    assert [run["state"] for run in status["next"]][:2] == ["SCHEDULED", "SCHEDULED"]

    again = served.pitwall("up", "--no-api").stdout
    assert "prefect runs already" in again
    assert again.count("made up for") == 1
    wait_for(served, 2)
    assert "prefect runs already" in served.pitwall("up", "--no-api").stdout  # nothing is left to make up for
    assert served.ran()[1].endswith(", made up for")
    status = served.status()
    assert [run["name"] for run in status["last"]][-1] == "2024-07 after practice"

    assert len(served.left()) >= 2
    said = served.pitwall("down").stdout
    assert "worker stopped" in said
    assert "prefect stopped" in said
    assert served.left() == []
    assert len(served.ran()) == 2
    assert "nothing was started" in served.pitwall("down").stdout
    assert served.status()["exit_code"] == 1
