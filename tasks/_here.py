"""The workspace of the project that a flow runs in: opened once for all tasks of the process, closed when it ends."""

from __future__ import annotations

import atexit
from threading import Lock

from pitwall.domain.project import Project, find_project
from pitwall.workflows.workspace import Workspace

_opening = Lock()
_opened: dict[Project, Workspace] = {}


def workspace() -> Workspace:
    """Return the workspace of the project that we are in."""
    project = find_project()
    with _opening:
        if project not in _opened:
            _opened[project] = Workspace(project)
            atexit.register(_opened[project].close)
        return _opened[project]
