"""Start a server as a child process and end it properly: in a group of its own, so that none of its workers survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

STOP_S = 15.0


def start(command: Sequence[str], cwd: Path, env: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    """Start a command in its own process group, its output appended to a log file."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as stream:
        return subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str], stdout: IO[str] | None = None) -> int:
    """Run a command to its end and return its exit code; if we are stopped, it is stopped first and awaited."""
    leave_on_sigterm()
    with subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=stdout) as child:
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()


def leave_on_sigterm() -> None:
    """Leave through the `finally` blocks on SIGTERM, so that what this process started ends with it."""
    signal.signal(signal.SIGTERM, _leave)


def _leave(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process group: SIGTERM, wait, and only then SIGKILL."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tail(log_file: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    if not log_file.is_file():
        return ""
    return "\n".join(log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
