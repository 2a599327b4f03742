"""Take stock: everything that takes up room, and what each needs. Reads all tools through their ports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pitwall.domain.ports import Registry, RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots
from pitwall.tracking.garbage.plan import Kind, Thing
from pitwall.tracking.manifest import FILE, FOLDER

CACHES = ("backtest/*", "features", "manifests/*", "registry/*/*", "reproduce/*", "work/*")  # each can be made again
WORD = re.compile(r"[0-9A-Za-z-]{8,}")  # ids of runs and names of snapshots, wherever they are written


def raw_snapshots(project: Project) -> list[Snapshot]:
    """Return the verified snapshots of every source that was ever in use, oldest first within a source."""
    folders = sorted(path for path in project.raw.glob("*") if path.is_dir())
    return [each for folder in folders for each in snapshots(folder)]


def take_stock(
    project: Project,
    runs: RunReader,
    registry: Registry,
    raw: Sequence[Snapshot],
    archived: Sequence[RunRecord] = (),
) -> list[Thing]:
    """Return everything that could go: runs, snapshots, logs, caches, the oldest of each first.

    Args:
        project: to take stock of.
        runs: its runs.
        registry: its model versions.
        raw: its snapshots.
        archived: runs that no list has, and that need what they need all the same.
    """
    things = [*_runs(runs, registry, raw, archived), *map(_snapshot, raw), *_local(project)]
    kinds = ("run", "snapshot", "log", "cache")
    return sorted(things, key=lambda thing: (kinds.index(thing.kind), thing.at, thing.name))


def words(text: str) -> set[str]:
    """Return every word that may be the id of a run or the name of a snapshot."""
    return set(WORD.findall(text))


def _snapshot(snapshot: Snapshot) -> Thing:
    size = sum(int(entry["bytes"]) for entry in snapshot.files.values())
    return Thing("snapshot", snapshot.name, snapshot.fetched_at, snapshot.source, size=size, note=snapshot.source)


def _runs(
    runs: RunReader, registry: Registry, raw: Sequence[Snapshot], archived: Sequence[RunRecord]
) -> Iterator[Thing]:
    made: dict[str, list[str]] = {}
    for model in registry.models():
        for version in registry.versions(model):
            made.setdefault(version.run_id, []).append(f"{model} version {version.version}")
    for run in (*runs.all(), *archived):
        at = datetime.fromisoformat(run.started)
        note = ", ".join([run.name, *made.get(run.run_id, ())])
        yield Thing("run", run.run_id, at, run.experiment, _leads_to(runs, run, at, raw), note=note)


def _leads_to(runs: RunReader, run: RunRecord, at: datetime, raw: Sequence[Snapshot]) -> frozenset[str]:
    """Return what a run's tags and manifest name; without a manifest also every snapshot that it may have read."""
    named = set().union(*map(words, run.tags.values())) - {run.run_id}
    path = runs.file(run.run_id, f"{FOLDER}/{FILE}")
    if path is None:
        return frozenset(named | {each.name for each in raw if each.fetched_at <= at})
    return frozenset(named | words(path.read_text(encoding="utf-8")))


def _local(project: Project) -> Iterator[Thing]:
    """Return logs, and caches: what costs time to make again, and nothing else."""
    for path in sorted(project.state.glob("*.log")):
        yield _on_disk(project, path, "log")
    for pattern in CACHES:
        for path in sorted(project.state.glob(pattern)):
            yield _on_disk(project, path, "cache")


def _on_disk(project: Project, path: Path, kind: Kind) -> Thing:
    inside = [each.stat() for each in (path, *path.rglob("*"))]
    at = datetime.fromtimestamp(max(each.st_mtime for each in inside), UTC)
    size = sum(each.st_size for each in inside)
    return Thing(kind, path.relative_to(project.root).as_posix(), at, size=size)
