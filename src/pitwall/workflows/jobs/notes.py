"""What a project notes of its jobs, beside Prefect: which there are, which process works on each, and what came of it.

One folder a job below `.pitwall/jobs`, of which each file has one writer: whoever starts it (`job.json`), the flow itself
(`process`, `result.json`), and whoever cancels it, finds it dead or ends it when its time is over (`cancelled`, `died`, `overtime`).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from pitwall.adapters.processes.identity import this_process
from pitwall.domain.access.words import LOCAL
from pitwall.domain.clock import wall
from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project

WHICH = re.compile(r"[0-9a-f-]{36}")  # the id of a flow run
STARTED, PROCESS, RESULT = "job.json", "process", "result.json"
CANCELLED, DIED, OVERTIME = "cancelled", "died", "overtime"


@dataclass(frozen=True)
class Terms:
    """On which terms a job was started.

    Attributes:
        owner: whose it is.
        key: of who has started it, by which it was taken of the owner's day.
        tier: of the owner, then.
        limit_s: seconds that it may take; None is without a limit.
    """

    owner: str = LOCAL
    key: str = ""
    tier: str = LOCAL
    limit_s: float | None = None


@dataclass(frozen=True)
class Note:
    """A job as it was started.

    Attributes:
        id: of its flow run.
        flow: that runs it: `order` or `deploy`.
        what: in words.
        parameters: of the flow.
        at: when, UTC.
        owner, key, tier, limit_s: its `Terms`.
    """

    id: str
    flow: str
    what: str
    parameters: dict[str, Any]
    at: str
    owner: str = LOCAL
    key: str = ""
    tier: str = LOCAL
    limit_s: float | None = None


def started(  # noqa: PLR0917  (called by position throughout)
    project: Project, number: str, flow: str, what: str, parameters: dict[str, Any], terms: Terms = Terms()
) -> Note:
    """Note that a job was started; one that is noted already keeps its note.

    Args:
        project: that it is of.
        number: the id of its flow run.
        flow: that runs it.
        what: in words.
        parameters: of the flow.
        terms: of its owner.
    """
    if (there := note(project, number)) is not None:
        return there
    made = Note(number, flow, what, parameters, f"{wall():%Y-%m-%dT%H:%M:%SZ}", **asdict(terms))
    _write(project, number, STARTED, json.dumps(asdict(made), indent=2) + "\n")
    return made


def begun(project: Project, number: str) -> None:
    """Note that this process works on a job."""
    _write(project, number, PROCESS, this_process())


def ended(project: Project, number: str, result: dict[str, Any]) -> None:
    """Note what came of a job."""
    _write(project, number, RESULT, json.dumps(result, indent=2) + "\n")


def marked(project: Project, number: str, what: str) -> None:
    """Note that a job was cancelled (`CANCELLED`), found dead (`DIED`) or took too long (`OVERTIME`), and when."""
    _write(project, number, what, f"{wall().timestamp():.0f}")


def note(project: Project, number: str) -> Note | None:
    """Return how a job was started; None where nobody noted it."""
    text = _read(project, number, STARTED)
    return Note(**json.loads(text)) if text else None


def notes(project: Project) -> list[Note]:
    """Return all jobs that were noted, the newest first."""
    folder = project.state / "jobs"
    names = [path.parent.name for path in folder.glob(f"*/{STARTED}")] if folder.is_dir() else []
    found = [each for name in names if WHICH.fullmatch(name) and (each := note(project, name)) is not None]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)


def process(project: Project, number: str) -> str:
    """Return the identity of the process that works, or worked, on a job; empty where none has begun."""
    return _read(project, number, PROCESS)


def at_work_s(project: Project, number: str) -> float:
    """Return how many seconds ago a process began to work on a job; 0 where none has."""
    path = project.state / "jobs" / checked(number) / PROCESS
    return wall().timestamp() - path.stat().st_mtime if path.is_file() else 0.0


def forget(project: Project, number: str) -> None:
    """Delete all that was noted of a job but that it is not wanted any more: where it still waits, it ends as it begins."""
    marked(project, number, CANCELLED)
    for path in (project.state / "jobs" / checked(number)).iterdir():
        if path.name != CANCELLED:
            path.unlink()


def result(project: Project, number: str) -> dict[str, Any]:
    """Return what came of a job; nothing while it is at work, or where it failed."""
    text = _read(project, number, RESULT)
    return dict(json.loads(text)) if text else {}


def since(project: Project, number: str, what: str) -> float | None:
    """Return how many seconds ago a job was marked so; None where it was not."""
    text = _read(project, number, what)
    return wall().timestamp() - float(text) if text else None


def checked(number: str) -> str:
    """Return an id; raise UsageError where it cannot be one: it becomes the name of a folder."""
    if not WHICH.fullmatch(number):
        raise UsageError(f"{number[:80]!r} is no job; `pitwall order jobs` lists them.")
    return number


def _write(project: Project, number: str, name: str, content: str) -> None:
    write_atomically(project.state / "jobs" / checked(number) / name, content)


def _read(project: Project, number: str, name: str) -> str:
    path = project.state / "jobs" / checked(number) / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
