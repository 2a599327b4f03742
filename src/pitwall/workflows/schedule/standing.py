"""How the servers of `pitwall up` stand, which runs wait, and which have ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pitwall.adapters.prefect.api import DEPLOYMENTS, ENDED, OPEN, ORDERED, SCHEDULED, FlowRun, PrefectApi
from pitwall.adapters.processes.prefect_server import healthy, named_server, running_server
from pitwall.adapters.services.running import Running, read
from pitwall.domain.project import Project

State = Literal["healthy", "unhealthy", "gone"]
SHOWN = 3


@dataclass(frozen=True)
class Standing:
    """The parts with their states; runs that wait, that are at work, and that ended, newest first; None without a server."""

    parts: tuple[tuple[Running, State], ...]
    waiting: tuple[FlowRun, ...] | None = None
    at_work: tuple[FlowRun, ...] = ()
    ended: tuple[FlowRun, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether something was started, and all of it answers."""
        return bool(self.parts) and all(state == "healthy" for _, state in self.parts)


def standing(project: Project) -> Standing:
    """Return how things stand.

    Raises:
        StageError: PREFECT_API_URL names a server that does not answer, or the server refused.
    """
    parts = tuple((part, _state(part)) for part in read(project))
    url = named_server() or running_server(project)
    if url is None:
        return Standing(parts)
    runs = PrefectApi(url)
    every = (*DEPLOYMENTS, *ORDERED)
    waiting, at_work = runs.runs(SCHEDULED, most=SHOWN, of=every), runs.runs(OPEN, of=every)
    return Standing(parts, tuple(waiting), tuple(at_work), tuple(runs.runs(ENDED, "END_TIME_DESC", SHOWN, every)))


def _state(part: Running) -> State:
    if not part.alive:
        return "gone"
    return "healthy" if healthy(part.health) else "unhealthy"
