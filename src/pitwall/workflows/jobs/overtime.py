"""The end of a job that takes longer than its owner's tier allows: its own process ends itself, and whoever looks ends one that did not.

The mark is written first, so that whatever is killed afterwards, the job's page says why.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from pitwall.adapters.processes.identity import life
from pitwall.domain.project import Project
from pitwall.workflows.jobs import notes
from pitwall.workflows.jobs.ending import GRACE_S, end_now, end_process
from pitwall.workflows.jobs.notes import Note

LATE_S = 10.0  # beyond the limit: a process that has not ended itself by then is stopped, or hangs
LOOK_S = 1.0
UNITS = ((3600, "h"), (60, "min"))


def watch(project: Project, number: str) -> None:
    """Let this process, which works on a job, end itself when the job's time is over."""
    threading.Thread(target=_watch, args=(project, number), name="job-time", daemon=True).start()


def ended_late(project: Project, note: Note) -> bool:
    """Return whether a job's process has outlived its limit by far; it is ended by force then, and marked."""
    identity = notes.process(project, note.id)
    if note.limit_s is None or not identity or notes.at_work_s(project, note.id) <= note.limit_s + LATE_S:
        return False
    if life(identity) != "alive":
        return False
    _mark(project, note.id)
    end_now(project, note.id)
    return True


def is_over(project: Project, number: str) -> bool:
    """Return whether a job was ended because its time was over."""
    return notes.since(project, number, notes.OVERTIME) is not None


def told(note: Note) -> str:
    """Return why, in words."""
    limit = note.limit_s or 0.0
    seconds, unit = next((each for each in UNITS if limit >= each[0]), (1, "s"))
    return f"ended after {limit / seconds:.3g} {unit}, which the tier {note.tier} allows"


def _watch(project: Project, number: str) -> None:
    """Wait for the end of a job's time; its note comes a moment after it was started, or later, where its starter was killed."""
    began = time.monotonic()
    while (note := notes.note(project, number)) is None:
        time.sleep(LOOK_S)
    if note.limit_s is None:
        return
    time.sleep(max(0.0, note.limit_s - (time.monotonic() - began)))
    if not notes.result(project, number) and notes.since(project, number, notes.CANCELLED) is None:
        _mark(project, number)
        os.kill(os.getpid(), signal.SIGTERM)  # the run is closed in its true state on the way out
        time.sleep(GRACE_S)
        end_process(project, number, by_force=True)


def _mark(project: Project, number: str) -> None:
    if not is_over(project, number):
        notes.marked(project, number, notes.OVERTIME)
