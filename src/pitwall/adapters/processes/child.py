"""Start a server as a child process and end it properly: in a group of its own, so that none of its workers survives."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pitwall.adapters.processes.signals import exit_on_sigterm

STOP_S = 15.0


def start(command: Sequence[str], cwd: Path, env: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    """Start a command in its own process group, its output appended to a log file."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as stream:
        return subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str], on_line: Callable[[str], None] | None = None) -> int:
    """Run a command to its end and return its exit code; if we are stopped, it is stopped first and awaited.

    Args:
        command: program and arguments.
        cwd: where it runs.
        env: its whole environment.
        on_line: gets every line that it says on either stream, without line end; by default its streams are ours.
    """
    pipe: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if on_line else {}
    with exit_on_sigterm(), subprocess.Popen(command, cwd=cwd, env=dict(env), **pipe) as child:
        try:
            _hear(child, on_line)
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                _hear(child, on_line)  # its last words; with nobody listening it could not finish its work


def _hear(child: subprocess.Popen[bytes], on_line: Callable[[str], None] | None) -> None:
    if on_line is None:
        return
    for line in child.stdout or ():
        on_line(line.decode("utf-8", errors="replace").rstrip("\r\n"))


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
