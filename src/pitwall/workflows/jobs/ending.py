"""The end of a job's process, and of all that it has started."""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

from pitwall.adapters.processes.identity import life
from pitwall.domain.project import Project
from pitwall.workflows.jobs import notes

GRACE_S = 8.0  # between the wish that a process ends and its end by force
GONE_S = 2.0  # that the kernel may take to end a process


def end_process(project: Project, number: str, *, by_force: bool) -> None:
    """Ask the process of a job to end, with all that it has started; or end it."""
    identity = notes.process(project, number)
    if not identity or life(identity) != "alive":
        return
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(identity.split(":")[3]))
        for each in (*process.children(recursive=True), process) if by_force else (process,):
            with suppress(psutil.NoSuchProcess):
                each.kill() if by_force else each.terminate()


def end_now(project: Project, number: str) -> None:
    """End the process of a job by force, and wait until it is gone."""
    identity = notes.process(project, number)
    end_process(project, number, by_force=True)
    deadline = time.monotonic() + GONE_S
    while identity and life(identity) == "alive" and time.monotonic() < deadline:
        time.sleep(0.05)
