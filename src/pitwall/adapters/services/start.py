"""Start several servers as one: each waits for the one before; where one does not come up, all that were started here end again."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from filelock import FileLock

from pitwall.adapters.processes.child import start as start_child
from pitwall.adapters.processes.identity import identity_of
from pitwall.adapters.processes.prefect_server import LOOPBACK, PortTaken, free_port, wait_until_healthy
from pitwall.adapters.services.running import MARK, Running, end, read, write
from pitwall.domain.clock import wall
from pitwall.domain.errors import StageError, UsageError
from pitwall.domain.project import Project

TRIES = 5
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A server to be started: its command and environment, the address that people open, and the one that tells its health."""

    command: Sequence[str]
    env: Mapping[str, str]
    page: str
    health: str


Maker = Callable[[Mapping[str, Running]], Part]  # makes a part from what runs already


def bring_up(project: Project, makers: Mapping[str, Maker], say: Say) -> list[Running]:
    """Start the parts that do not run yet, in their order; return those that run now.

    Raises:
        StageError: a part did not come up; those that were started before it in this call are ended, and the end of its log is told.
    """
    project.state.mkdir(parents=True, exist_ok=True)
    with FileLock(project.state / "up.lock"):
        running, begun = {each.name: each for each in read(project)}, list[str]()
        try:
            for name, make in makers.items():
                if name in running and running[name].alive:
                    say(f"{name} runs already, since {running[name].since}: {running[name].page}")
                    continue
                if name in running and end(running[name]):
                    say(f"{name} was gone; what it had left running is ended")
                begun.append(name)
                running[name] = _begin(project, name, make, running)
                say(f"{name}: {running[name].page}")
        except BaseException:
            for name in reversed(begun):
                if name in running:
                    end(running.pop(name))
            write(project, running.values())
            raise
        return list(running.values())


def take_down(project: Project, say: Say) -> None:
    """End what was brought up and is still there, the last one first, and say so of each part."""
    for part in reversed(read(project)):
        say(f"{part.name} {'stopped' if end(part) else 'was gone already'}")
        write(project, [each for each in read(project) if each.name != part.name])


def port_for(asked: int | None, first: int) -> int:
    """Return the port that was asked for, else the first free one.

    Raises:
        UsageError: the one that was asked for is taken.
    """
    if asked is None:
        return free_port(first)
    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, asked)) == 0:
            raise UsageError(
                f"port {asked} is taken by another program; name another one, or none to have a free one found."
            )
    return asked


def _begin(project: Project, name: str, make: Maker, running: dict[str, Running]) -> Running:
    """Start a part and wait until it answers; on another port where somebody was quicker to take the free one."""
    for _ in range(TRIES):
        part, mark, log = make(running), uuid4().hex, f"{project.state.name}/up-{name}.log"
        process = start_child(part.command, project.root, {**part.env, MARK: mark}, project.root / log)
        since = wall().isoformat(timespec="seconds")
        known = identity_of(process.pid)
        running[name] = Running(name, part.page, part.health, log, process.pid, known, mark, since)
        write(project, running.values())  # before it answers: who is killed now leaves word of it
        try:
            wait_until_healthy(part.health, process, project.root / log, name)
        except PortTaken:
            end(running.pop(name))
        else:
            return running[name]
    raise StageError(f"{TRIES} ports were taken by others while {name} started on them; try again.")
