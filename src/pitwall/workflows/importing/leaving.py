"""What goes of imported notebooks when somebody leaves: all that was kept for their page."""

from __future__ import annotations

from pitwall.workflows.importing.kept import forget
from pitwall.workflows.workspace import Workspace


def _gone(workspace: Workspace, owner: str) -> list[str]:
    went = forget(workspace.project, owner)
    return [f"gone: what came of {went} imported notebooks."] if went else []


LEAVE = _gone
