"""Processes that outlive the command which started them: kept in one file, told apart from others, ended with all that they started.

A process id is used again, so each is kept with its start time. What a part has started is known by a mark in its environment, which
children inherit, even those in a session of their own (as flow runs of a Prefect worker are), and those whose parent is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from pitwall.adapters.processes.child import STOP_S
from pitwall.adapters.processes.identity import life
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project

MARK = "PITWALL_UP"


@dataclass(frozen=True)
class Running:
    """A part that was started.

    Attributes:
        name: of the part.
        page: the address that people open.
        health: the address that answers 200 while all is well.
        log: the file with its words, from the project's root.
        pid: its process.
        identity: of that process, start time included.
        mark: in the environment of it and of all that it starts.
        since: when it was started, UTC.
    """

    name: str
    page: str
    health: str
    log: str
    pid: int
    identity: str
    mark: str
    since: str

    @property
    def alive(self) -> bool:
        """Whether its process still runs; one of another container or machine is not one that we can speak of."""
        return life(self.identity) == "alive"


def read(project: Project) -> list[Running]:
    """Return what was started and not stopped, in the order of its start."""
    try:
        content = json.loads(_file(project).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Running(**each) for each in content["parts"]]


def write(project: Project, parts: Iterable[Running]) -> None:
    """Keep what is started; no file where nothing is."""
    content = [asdict(each) for each in parts]
    if content:
        write_atomically(_file(project), json.dumps({"parts": content}, indent=2) + "\n")
    else:
        _file(project).unlink(missing_ok=True)


def end(part: Running) -> bool:
    """End a part and all that it has started: SIGTERM, wait, and only then SIGKILL; return whether there was anything."""
    family = list(_family(part.mark))
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(family, timeout=STOP_S)
    late = list(_family(part.mark))  # also what was started meanwhile
    for process in late:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(late, timeout=STOP_S)
    return bool(family)


def _family(mark: str) -> Iterator[psutil.Process]:
    """Yield the processes that a part has started, itself among them."""
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # the dead, and those of other people
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == mark:
                yield process


def _file(project: Project) -> Path:
    return project.state / "up.json"
