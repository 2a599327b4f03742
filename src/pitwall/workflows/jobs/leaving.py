"""What goes of jobs when somebody leaves: those at work end, and what was noted of each. Runs and versions are the project's, and stay.

The names of models that they have deployed go to whoever sits at this machine, together with the owner's row in the accounts.
"""

from __future__ import annotations

from contextlib import suppress

from pitwall.domain.errors import StageError
from pitwall.workflows.jobs import notes, starting
from pitwall.workflows.jobs.ending import end_now
from pitwall.workflows.workspace import Workspace


def _gone(workspace: Workspace, owner: str) -> list[str]:
    mine = [each.id for each in notes.notes(workspace.project) if each.owner == owner]
    for number in mine:
        _end(workspace, number)
        notes.forget(workspace.project, number)
    models = [each.model for each in workspace.accounts.deployments(owner)]
    return [
        *([f"gone: {len(mine)} jobs; what they trained stays among the project's runs."] if mine else []),
        *([f"stays: {', '.join(models)}, as the project's."] if models else []),
    ]


def _end(workspace: Workspace, number: str) -> None:
    """End a job that is open; where no Prefect server answers, its process alone, and one that waits ends as it begins."""
    with suppress(StageError):
        starting.cancel(workspace, number)
    end_now(workspace.project, number)
    starting.job(workspace, number)  # whoever looks at a job whose process is gone closes its run


LEAVE = _gone
