"""Keep the project sound: what is unsafe or left behind, what nothing leads to any more, and runs after a move of its folder."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall import wiring
from pitwall.domain import clock
from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import History
from pitwall.ml.models.machinery.names import model_names
from pitwall.ml.registry import recover
from pitwall.tracking.garbage.holders import holders
from pitwall.tracking.garbage.inventory import raw_snapshots, take_stock
from pitwall.tracking.garbage.plan import KINDS, Kind, Plan, Rule, plan
from pitwall.tracking.garbage.sweep import sweep
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pitwall.adapters.mlflow.health import Trouble
    from pitwall.adapters.mlflow.move import Move
    from pitwall.adapters.upgrade import Step


def store_troubles(workspace: Workspace) -> list[Trouble]:
    """Return what is unsafe or left behind in the project's run store."""
    return wiring.store_troubles(workspace.project)


def moves(workspace: Workspace) -> list[Move]:
    """Return how often the project was moved or copied to where it is, oldest first."""
    return wiring.moves(workspace.project)


def move_store(workspace: Workspace, before: Path | None) -> list[Move]:
    """Let the runs of a project that was moved lead to its own files; return all its moves.

    Args:
        workspace: of the project where it is now.
        before: the folder where it was; found in the run store when None.

    Raises:
        TrackingError: that folder is still there, or several can be meant.
    """
    return wiring.move_store(workspace.project, before)


def upgrade(workspace: Workspace, *, dry_run: bool) -> list[Step]:
    """Bring a project that the version before made along; return what was done, or in a dry run would be.

    Raises:
        UsageError: params.yaml lists other models than dvc.yaml trains; says what to write there.
    """
    from pitwall.adapters.dvc_trainings import check_trainings

    with workspace.exclusive("upgrade"):
        check_trainings(workspace.project.root, model_names(workspace.params))
        return wiring.upgrade(workspace.project, dry_run)


def throw_away(
    workspace: Workspace, rule: Rule, agreed: Callable[[Plan], bool], kinds: Collection[Kind] = KINDS
) -> tuple[Plan, bool]:
    """Plan what goes, ask, and throw it away; return the plan and whether it was carried out.

    Args:
        workspace: of the project.
        rule: how much of everything stays.
        agreed: is shown the plan and says whether to go on; called while nobody else may change the project.
        kinds: of things that may go; others are left alone.

    Raises:
        TrackingError: the history of promotions was changed: it may hold on to more than it says.
    """
    project, params, runs, registry = workspace.project, workspace.params, workspace.runs, workspace.registry
    history = workspace.history
    recover(registry, history)
    with workspace.exclusive("gc"), history.locked():
        _see_that_whole(history)
        raw = raw_snapshots(project)
        archived = wiring.run_editor(project).archived()
        things = take_stock(project, runs, registry, raw, archived)
        held = {each.run_id: "it is archived" for each in archived}
        held |= holders(project, params, runs, registry, history, raw=raw)
        made = plan(things, held, rule, clock.wall()).only(kinds, things)
        swept = agreed(made) and bool(made.goes)
        if swept:
            sweep(project, params, made, wiring.run_sweeper(project), workspace.versions)
    return made, swept


def _see_that_whole(history: History) -> None:
    if history.verify():
        raise TrackingError(
            "the history of promotions was changed, so nothing is thrown away; see `pitwall registry verify`."
        )
