"""The steps of the data, as DVC runs them, and DVC itself: what is stale, bring it up to date, keep it where others find it.

Each step imports what it needs when it runs: DVC starts a process for every one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall import wiring
from pitwall.domain.refs import DataRef, FrameRef
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pitwall.features.machinery.stage import FeatureReport
    from pitwall.sources.machinery.stage import IngestReport, TablesReport

REPEATED = ("ingest", "tables", "frames")  # what models are trained on


def ingest(workspace: Workspace, name: str, *, accept_removals: bool = False) -> IngestReport:
    """Fetch from one source; keep a snapshot if there is news."""
    from pitwall.sources.machinery import stage

    return stage.ingest(workspace.project, workspace.params, name, accept_removals=accept_removals)


def tables(workspace: Workspace) -> TablesReport:
    """Make the canonical tables and the quarantine."""
    from pitwall.sources.machinery import stage

    return stage.tables(workspace.project, workspace.params)


def features(workspace: Workspace) -> FeatureReport:
    """Compute every feature group."""
    from pitwall.features.machinery import stage

    return stage.build_features(workspace.project, workspace.params)


def frames(workspace: Workspace) -> list[FrameRef]:
    """Join features to every spine, as known at each cut-off."""
    from pitwall.ml.models.machinery.frames import build_frames

    return build_frames(workspace.project, workspace.params, workspace.features)


def fetch(workspace: Workspace) -> None:
    """Ask the sources for news, whatever DVC thinks: it cannot see that the world has changed."""
    workspace.versions.reproduce(["ingest"], force=True)


def reproduce(workspace: Workspace) -> DataRef:
    """Bring tables, features and frames up to date and return which bytes they are."""
    workspace.versions.reproduce(["frames"])
    return wiring.data_ref(workspace.project, workspace.params, workspace.versions)


def keep(workspace: Workspace) -> None:
    """Send what models are trained on to DVC's remote, where a repetition takes it from.

    Raises:
        StageError: there is no remote, or it cannot be reached.
    """
    workspace.versions.push(REPEATED)


def is_stale(workspace: Workspace, step: str) -> bool:
    """Return whether DVC would run a step again."""
    return bool(workspace.versions.stale([step]))


def record(workspace: Workspace, step: str) -> None:
    """Tell DVC that a step was run here, so that `dvc repro` has nothing to do."""
    workspace.versions.commit(step)
