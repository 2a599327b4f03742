"""What goes when somebody leaves. Every area of `workflows` that keeps things of owners says so in a file of its own, `leaving.py`:

    def _gone(workspace: Workspace, owner: str) -> list[str]: ...

    LEAVE = _gone

It deletes what is theirs and returns sentences: what went, and what stayed because others hold it. It may be called again after a kill.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from pitwall import workflows
from pitwall.workflows.workspace import Workspace

FILE, CONSTANT = "leaving", "LEAVE"
Leave = Callable[[Workspace, str], list[str]]


def leave(workspace: Workspace, owner: str, leaves: dict[str, Leave] | None = None) -> list[str]:
    """Delete an account and all that is theirs; the account goes last, so that a kill in between leaves something to repeat.

    Args:
        workspace: of the project.
        owner: whose account it is.
        leaves: what deletes the things of each area; all that there are when None.

    Raises:
        UnknownName: there is no such account.
        UsageError: it is the only admin's, and others would stay.
    """
    workspace.people.see_may_leave(owner)
    workspace.people.end(owner)
    there = discover() if leaves is None else leaves
    said = [line for area in sorted(there) for line in there[area](workspace, owner)]
    went = workspace.people.remove(owner)
    return [
        *said,
        f"gone: the account, {went['tokens']} tokens, {went['sessions']} sessions, {went['quotas']} days of use.",
    ]


def discover() -> dict[str, Leave]:
    """Return what deletes the things of each area that keeps any."""
    (home,) = workflows.__path__
    found = {}
    for area in sorted(each.name for each in pkgutil.iter_modules([home]) if each.ispkg):
        own = {each.name for each in pkgutil.iter_modules([str(Path(home, area))])}
        module = f"{workflows.__name__}.{area}.{FILE}"
        if FILE in own and module != __name__:
            found[area] = getattr(import_module(module), CONSTANT)
    return found
