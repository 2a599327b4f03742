"""What a watcher writes down of itself: how it was started, and why it failed; and a lock that only a process that lives can hold."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pitwall.domain.clock import wall
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.live.answer import LiveError
from pitwall.workflows.live.published import LABEL, folder


@dataclass(frozen=True)
class Notes:
    """How a watcher was started.

    Attributes:
        race: label.
        source: of the events.
        speed: of a replay; None for as fast as it goes.
        at: when, ISO text in UTC.
        pid: of its process; 0 before it says so.
        failed: why it ended without a word to readers; empty where it did not.
    """

    race: str
    source: str
    speed: float | None
    at: str
    pid: int = 0
    failed: str = ""


def notes_file(project: Project, race: str) -> Path:
    """Return where a watcher's notes are.

    Raises:
        LiveError: the race is no label.
    """
    if not LABEL.fullmatch(race):
        raise LiveError(f"found {race!r}; expected a label such as 2023-12: choose a race of the list.")
    return folder(project) / f"{race}.watcher.json"


def write_notes(project: Project, notes: Notes) -> None:
    """Write them down in one step."""
    path = notes_file(project, notes.race)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(asdict(notes)))


def read_notes(project: Project, race: str) -> Notes | None:
    """Return the notes of the last watcher of a race that a page started; None without one, or where they cannot be read."""
    try:
        return Notes(**json.loads(notes_file(project, race).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def now() -> str:
    """Return the instant, as notes say it."""
    return wall().isoformat(timespec="milliseconds")


def life(project: Project, race: str) -> FileLock:
    """Return the lock that a watcher holds for as long as it lives; whoever kills it, it is free then."""
    return FileLock(notes_file(project, race).with_suffix(".lock"))


def is_held(lock: FileLock) -> bool:
    """Whether some process holds a lock."""
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
