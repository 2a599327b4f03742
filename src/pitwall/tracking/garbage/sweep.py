"""Throw away what a plan says. Killed half-way it leaves nothing half: what goes is first put out of sight.

Runs go before snapshots, so that no run is ever left without the data that it names.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from pitwall.domain.params import Params
from pitwall.domain.ports import DataVersions, RunSweeper
from pitwall.domain.project import Project
from pitwall.tracking.garbage.plan import Plan, Thing

OUT_OF_SIGHT = ".fetching-gone"  # the next ingest clears what begins so, if we do not come to it


def sweep(project: Project, params: Params, made: Plan, runs: RunSweeper, data: DataVersions) -> None:
    """Carry out a plan; afterwards DVC knows the smaller folders of raw data."""
    for thing in made.goes:
        if thing.kind == "run":
            runs.sweep(thing.name)
        elif thing.kind != "snapshot":
            _remove(project.root / thing.name)
    if gone := [thing for thing in made.goes if thing.kind == "snapshot"]:
        _forget_snapshots(project, params, gone, data)


def _forget_snapshots(project: Project, params: Params, gone: Sequence[Thing], data: DataVersions) -> None:
    """Remove snapshots that the tables do not read, and record that: nothing has to run again for it."""
    stages = [f"ingest@{name}" for name in params.sources] + ["tables"]
    fresh = [stage for stage in stages if stage not in data.stale(stages)]
    for thing in gone:
        folder = project.raw / thing.group / thing.name
        hidden = folder.with_name(OUT_OF_SIGHT)
        shutil.rmtree(hidden, ignore_errors=True)
        folder.rename(hidden)
        shutil.rmtree(hidden)
    for stage in fresh:
        data.commit(stage)


def _remove(path: Path) -> None:
    if not path.is_dir():
        path.unlink()
        return
    for folder in (path, *(each for each in path.rglob("*") if each.is_dir())):
        folder.chmod(0o755)  # copies of registered models are read-only
    shutil.rmtree(path)
