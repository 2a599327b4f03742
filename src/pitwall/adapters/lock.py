"""The project lock: one writer at a time, and a waiting second one that can say for whom it waits.

The operating system owns the lock, so it dies with its process; who holds it is written beside it. The holder's child
processes (DVC's stages) inherit it through the environment, or a flow would wait for itself.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pitwall.domain.project import Project

log = logging.getLogger(__name__)

INHERITED = "PITWALL_LOCK_HELD"
FIRST_LOOK_S = 0.2


@contextmanager
def project_lock(project: Project, command: str) -> Iterator[None]:
    """Hold the project lock; while another process has it, wait and name that process.

    Args:
        project: the project to lock.
        command: what the holder does, shown to those who wait.
    """
    if os.environ.get(INHERITED) == str(project.root):
        yield
        return
    project.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.state / "project.lock")
    try:
        lock.acquire(timeout=FIRST_LOOK_S)
    except Timeout:
        log.warning("waiting for the project lock, held by %s", holder(project) or "a process that is just starting")
        lock.acquire()
    note = _note(project)
    note.write_text(json.dumps({"pid": os.getpid(), "command": command, "since": _now()}), encoding="utf-8")
    os.environ[INHERITED] = str(project.root)
    try:
        yield
    finally:
        os.environ.pop(INHERITED, None)
        note.unlink(missing_ok=True)
        lock.release()


def holder(project: Project) -> str | None:
    """Return who holds the lock, in words: command, process id, since when; None if nobody says so."""
    try:
        note = json.loads(_note(project).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return f"{note['command']} (process {note['pid']}, since {note['since']})"


def _note(project: Project) -> Path:
    return project.state / "project.holder.json"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
