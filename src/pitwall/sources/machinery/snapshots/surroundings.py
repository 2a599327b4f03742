"""What a project has that a fetch may need: its newest snapshots, and a folder for pages."""

from __future__ import annotations

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources import results_source
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots
from pitwall.sources.machinery.source import Source

SPOOL = "sources"  # below the project's state


def newest(project: Project, params: Params, source: Source) -> Snapshot | None:
    """Return the newest snapshot of a source that is kept."""
    return next(reversed(snapshots(project.raw / source.name, source.world(source.settings(params)))), None)


def surroundings(project: Project, params: Params, source: Source) -> Around:
    """Return what surrounds a fetch from a source."""
    state = project.state / SPOOL / source.name
    if source.fetch_around is None:
        return Around(state)
    known = newest(project, params, source)
    results = None if source.brings_results else newest(project, params, results_source(params))
    return Around(state, known.folder if known else None, results.folder if results else None)
