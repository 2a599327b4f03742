"""The project lock: one holder among threads and processes, a waiting second one that names it, children that are let in."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path

import pytest

from pitwall.adapters.processes.lock import INHERITED, holder, inherited, project_lock
from pitwall.domain.project import Project

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom pitwall.adapters.processes.lock import project_lock\n"
    "from pitwall.domain.project import Project\n"
    "with project_lock(Project(Path(sys.argv[1])), sys.argv[2]):\n"
    "    print('held', flush=True)\n    sys.stdin.readline()\n"
)


def other_process(root: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock until it gets a line."""
    env = {key: value for key, value in os.environ.items() if key != INHERITED}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root), "flow of somebody else"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_holder_is_named_while_it_holds(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project_lock(project, "flow race_weekend"):
        assert f"flow race_weekend (process {os.getpid()}" in (holder(project) or "")
        assert INHERITED not in os.environ
    assert holder(project) is None
    assert inherited(project) == {}


@contextmanager
def let_go_when_waited_for(release):
    """Call `release` as soon as somebody says that they wait for the lock."""

    class Release(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "waiting" in record.getMessage():
                release()

    logger, handler = logging.getLogger("pitwall.adapters.processes.lock"), Release()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def test_a_second_process_waits_and_names_the_holder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    process = other_process(tmp_path)
    with (
        caplog.at_level(logging.WARNING),
        let_go_when_waited_for(lambda: process.communicate("go\n")),
        project_lock(Project(tmp_path), "me"),
    ):
        assert process.poll() == 0
    assert f"held by flow of somebody else (process {process.pid}, since" in caplog.text


def test_a_second_thread_waits_and_names_the_first(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        with project_lock(Project(tmp_path), "first"):
            inside.set()
            go.wait()

    thread = threading.Thread(target=hold, name="the-first")
    thread.start()
    inside.wait()
    with caplog.at_level(logging.WARNING), let_go_when_waited_for(go.set), project_lock(Project(tmp_path), "me"):
        assert go.is_set()
    thread.join()
    assert f"held by first (process {os.getpid()}, thread the-first, since" in caplog.text


def test_threads_of_one_process_are_inside_one_by_one_and_may_enter_again(tmp_path: Path) -> None:
    inside, most = 0, []
    environment = dict(os.environ)

    def enter(number: int) -> None:
        nonlocal inside
        for _ in range(3):
            with project_lock(Project(tmp_path), f"{number}"), project_lock(Project(tmp_path), "again"):
                inside += 1
                most.append(
                    (inside, dict(os.environ) == environment, f"{number} (process" in str(holder(Project(tmp_path))))
                )
                inside -= 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(enter, range(3)))
    assert most == [(1, True, True)] * 9
    assert holder(Project(tmp_path)) is None


def test_a_thread_that_works_for_the_holder_enters_while_it_holds_and_no_longer(tmp_path: Path) -> None:
    project, done = Project(tmp_path), queue.SimpleQueue()

    def work() -> None:
        with project_lock(project, "worker"):
            done.put(holder(project))

    with project_lock(project, "flow"):
        mine = copy_context()
        threading.Thread(target=mine.run, args=(work,)).start()
        assert done.get(timeout=30).startswith("flow (process")
    threading.Thread(target=mine.run, args=(work,)).start()
    assert done.get(timeout=30).startswith("worker (process")


def test_a_child_of_the_holder_does_not_wait_for_it(tmp_path: Path) -> None:
    with project_lock(Project(tmp_path), "flow"):
        done = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path), "stage"],
            input="go\n",
            text=True,
            capture_output=True,
            check=True,
            env={**os.environ, **inherited(Project(tmp_path))},
        )
    assert done.stdout == "held\n"
    assert done.stderr == ""


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    process.kill()
    process.communicate()
    with project_lock(Project(tmp_path), "me"):
        assert "me (process" in (holder(Project(tmp_path)) or "")


def test_a_child_of_a_holder_that_is_gone_takes_the_lock_itself(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project_lock(project, "flow"):
        variables = inherited(project)
    process = other_process(tmp_path)
    late = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "late"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )
    assert late.stderr is not None
    assert "held by flow of somebody else" in late.stderr.readline()
    process.communicate("go\n")
    assert late.communicate("go\n")[0] == "held\n"
