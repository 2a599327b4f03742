"""Bring a project that the version before made along to this one, step by step; a second time finds nothing to do.

What is read by its name is renamed: state files, params.yaml, tags. What is known by its hash stays as it was written (rows of
the history, registered models, manifests, stored forecasts): their readers understand the old names. Every step finds out
by itself what is left to do, so one that was cut short is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pitwall.adapters.upgrade.data import take_over_data
from pitwall.adapters.upgrade.params import rename_in_params
from pitwall.adapters.upgrade.state import move_state
from pitwall.adapters.upgrade.tags import rename_tags
from pitwall.domain.project import Project


@dataclass(frozen=True)
class Step:
    """One step: its name, and what it did or, in a dry run, would do; nothing where nothing was left to do."""

    name: str
    done: Sequence[str]


# the state files come last: while one of them is there, every other command says that the project is to be upgraded
STEPS: dict[str, Callable[[Project, bool], list[str]]] = {
    "params.yaml": rename_in_params,
    "run store": rename_tags,
    "data": take_over_data,
    "state": move_state,
}


def upgrade(project: Project, *, dry_run: bool = False) -> list[Step]:
    """Bring a project along and return what was done, step by step.

    Args:
        project: made by the version before, or by this one; then nothing is left to do.
        dry_run: only say what would be done.

    Raises:
        PitwallError: a step could not be finished; what it says is to be put right, then upgrade again.
    """
    return [Step(name, step(project, dry_run)) for name, step in STEPS.items()]
