"""The project lock: one writer at a time, and a waiting second one, thread or process, that can say for whom it waits.

The operating system owns the lock, so it dies with its process; who holds it is written beside it, with a token. The holder may
enter again, and so may what works for it: threads to which it hands its context (Prefect's task runners do), and child processes
that are given the token in *their* environment (DVC's stages), or a flow would wait for itself. This process's own environment says
nothing: it belongs to all of its threads.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from pitwall.domain import clock
from pitwall.domain.project import Project

log = logging.getLogger(__name__)

INHERITED = "PITWALL_LOCK_HELD"
FIRST_LOOK_S = 0.2


@dataclass(frozen=True)
class Holding:
    """One stay inside the lock of a project."""

    root: Path
    token: str


_of_context: ContextVar[tuple[Holding, ...]] = ContextVar("project_lock", default=())
_of_process: set[Holding] = set()  # a context that was handed on may outlive the stay that it speaks of


@contextmanager
def project_lock(project: Project, command: str) -> Iterator[None]:
    """Hold the project lock; while another thread or process has it, wait and name that one.

    Args:
        project: the project to lock.
        command: what the holder does, shown to those who wait.
    """
    if _holding(project):
        yield
        return
    project.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.state / "project.lock")
    works_for_it = _works_for_the_holder(project)
    try:
        lock.acquire(timeout=0 if works_for_it else FIRST_LOOK_S)
    except Timeout:
        if works_for_it:
            yield
            return
        log.warning("waiting for the project lock, held by %s", holder(project) or "a process that is just starting")
        lock.acquire()
    try:
        with _announced(project, command):
            yield
    finally:
        lock.release()


@contextmanager
def _announced(project: Project, command: str) -> Iterator[None]:
    """Say who holds the lock: to this context, to those who wait, and to the children that will be given the token."""
    held = Holding(project.root, uuid4().hex)
    thread = threading.current_thread().name
    note = {"pid": os.getpid(), "thread": thread, "command": command, "since": _now(), "token": held.token}
    _write(_note(project), note)
    _of_process.add(held)
    before = _of_context.set((*_of_context.get(), held))
    try:
        yield
    finally:
        _of_context.reset(before)
        _of_process.discard(held)
        _note(project).unlink(missing_ok=True)


def inherited(project: Project) -> dict[str, str]:
    """Return the variables that let a child process of the holder enter too; none where the lock is not held here."""
    held = _holding(project)
    return {INHERITED: held.token} if held else {}


def holder(project: Project) -> str | None:
    """Return who holds the lock, in words: command, process id, thread if it is of this process, since when."""
    note = _read(project)
    if not note:
        return None
    thread = f", thread {note['thread']}" if note["pid"] == os.getpid() else ""
    return f"{note['command']} (process {note['pid']}{thread}, since {note['since']})"


def _holding(project: Project) -> Holding | None:
    """Return the stay of this context, if it is not over."""
    mine = [held for held in _of_context.get() if held.root == project.root and held in _of_process]
    return mine[-1] if mine else None


def _works_for_the_holder(project: Project) -> bool:
    """Return whether this process was started by who has announced itself; if that one is dead, the lock is free."""
    token = os.environ.get(INHERITED)
    return token is not None and token == _read(project).get("token")


def _read(project: Project) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads(_note(project).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return note


def _write(path: Path, note: dict[str, Any]) -> None:
    """Replace the note in one step: who waits reads the old one or the new one."""
    fresh = path.with_suffix(".new")  # only the holder writes
    fresh.write_text(json.dumps(note), encoding="utf-8")
    fresh.replace(path)


def _note(project: Project) -> Path:
    return project.state / "project.holder.json"


def _now() -> str:
    return clock.wall().isoformat(timespec="seconds")
