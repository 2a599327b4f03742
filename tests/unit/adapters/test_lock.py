"""The project lock: one holder, a waiting second one that names it, children that inherit it, no trace of the dead."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pitwall.adapters.lock import INHERITED, holder, project_lock
from pitwall.domain.project import Project

HOLD = (
    "import sys\nfrom pathlib import Path\nfrom pitwall.adapters.lock import project_lock\n"
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
        assert os.environ[INHERITED] == str(tmp_path)
    assert holder(project) is None
    assert INHERITED not in os.environ


def test_a_second_process_waits_and_names_the_holder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    project = Project(tmp_path)
    process = other_process(tmp_path)

    class Release(logging.Handler):
        """Lets the other process go as soon as we say that we wait for it."""

        def emit(self, record: logging.LogRecord) -> None:
            if "waiting" in record.getMessage():
                process.communicate("go\n")

    logger = logging.getLogger("pitwall.adapters.lock")
    release = Release()
    logger.addHandler(release)
    try:
        with caplog.at_level(logging.WARNING), project_lock(project, "me"):
            assert process.poll() == 0
    finally:
        logger.removeHandler(release)
    assert f"held by flow of somebody else (process {process.pid}" in caplog.text


def test_a_child_of_the_holder_does_not_wait_for_it(tmp_path: Path) -> None:
    with project_lock(Project(tmp_path), "flow"):
        done = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path), "stage"],
            input="go\n",
            text=True,
            capture_output=True,
            check=True,
        )
    assert done.stdout == "held\n"
    assert done.stderr == ""


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    process.kill()
    process.communicate()
    with project_lock(Project(tmp_path), "me"):
        assert "me (process" in (holder(Project(tmp_path)) or "")
