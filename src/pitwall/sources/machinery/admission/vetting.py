"""What a fetched snapshot must pass before it is kept: it is understood, it is whole, and it continues the one before."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pitwall.domain import clock
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources import results_source
from pitwall.sources.machinery.admission.continuity import check_continuity
from pitwall.sources.machinery.admission.limits import check_limits
from pitwall.sources.machinery.admission.whole import check_whole
from pitwall.sources.machinery.snapshots.store import Snapshot, fetch_candidate
from pitwall.sources.machinery.snapshots.surroundings import newest, surroundings
from pitwall.sources.machinery.source import Source


@dataclass(frozen=True)
class Vetted:
    """What is known of a snapshot that may be kept.

    Attributes:
        set_aside: lines that the tables will set aside, by table and reason.
        accepted_removals: ids of races that are gone from it, which was accepted.
    """

    set_aside: Mapping[str, int] = field(default_factory=dict)
    accepted_removals: tuple[int, ...] = ()


def vet(
    project: Project,
    params: Params,
    fresh: Snapshot,
    before: Snapshot | None,
    *,
    accept_removals: bool = False,
) -> Vetted:
    """Look at a fetched snapshot.

    Args:
        project: that is to keep it.
        params: with the limits and the time rules.
        fresh: the snapshot.
        before: the newest one of its world that is kept already.
        accept_removals: races with results, or many planned ones, may be gone from it.

    Raises:
        SourceError: it must not be kept; says what was found and what to do.
    """
    if fresh.role in ("laps", "user"):
        known = newest(project, params, results_source(params))
        return Vetted(check_limits(fresh, params.ingest, params.time, known))
    aside = check_limits(fresh, params.ingest, params.time)
    check_whole(fresh)
    return Vetted(aside, check_continuity(fresh, before, accept_removals=accept_removals) if before else ())


def try_source(
    project: Project,
    params: Params,
    source: Source,
    location: str | None,
    notes: list[str] | None = None,
    *,
    accept_removals: bool = False,
) -> tuple[dict[str, int], Mapping[str, int]]:
    """Fetch from a source into a temporary folder with all checks of an ingest, and keep nothing.

    `notes` receives a line for each file that was found and is not read.

    Returns:
        The rows per file, and the lines that would be set aside by table and reason.

    Raises:
        SourceError: as for `ingest`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        settings, now = source.settings(params), clock.now()
        around = surroundings(project, params, source)
        fresh = fetch_candidate(source, location, settings, Path(scratch), now=now, notes=notes, around=around)
        seen = vet(project, params, fresh, newest(project, params, source), accept_removals=accept_removals)
    return {name: int(entry["rows"]) for name, entry in fresh.files.items()}, seen.set_aside
