"""Go on while the run store is away: what its runs log waits in the project, is read from there, and is sent later.

A store that is a SQLite file lies on this machine: what it does not take is an error at once, and nothing waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall import wiring
from pitwall.domain.ports import RunReader, Tracker
from pitwall.domain.settings import store_address
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pitwall.adapters.spool.sync import Sent
    from pitwall.adapters.spool.waiting import Waiting


def spooling(workspace: Workspace) -> tuple[Tracker, RunReader]:
    """Return both sides of the project's run store such that nothing is lost, and no training waits, while it is away.

    A run that finds the store away warns once, says where it waits, and stays there until its end; `sync` sends it. Its id begins with
    `offline-` if it began then.

    Args:
        workspace: of the project; its own two sides are returned where the store is a file of this machine.
    """
    if store_address(workspace.project).kind == "sqlite":
        return workspace.tracker, workspace.runs
    return wiring.spooling(workspace.project, workspace.tracker, workspace.runs)


def sync(workspace: Workspace) -> list[Sent]:
    """Send what waits to the run store, in the order in which it was logged; exactly once, whatever was killed before."""
    return wiring.send_spooled(workspace.project, workspace.tracker)


def waiting(workspace: Workspace) -> Waiting:
    """Return what waits to be sent, and what could not be."""
    return wiring.spooled(workspace.project)
