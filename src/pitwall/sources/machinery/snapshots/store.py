"""The append-only store of raw snapshots: `data/raw/<source>/<fetched_at>-<hash8>/` with files and a manifest.

A snapshot is fetched into a temporary sibling, checked, hashed and only then renamed into place: a crash leaves what was
there before. Nothing is ever edited; reading verifies the hashes and names a file that was.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section
from pitwall.domain.refs import file_sha256, folder_hash
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.fetching.sandbox import inspect_folder
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.source import Role, Source

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Snapshot:
    """One raw snapshot: where it lies, from where and when it came, its files with sha256, bytes and rows.

    `accepted_removals` are the ids of races that the snapshot before held and whose absence somebody accepted.
    """

    folder: Path
    source: str
    role: Role
    location: str | None
    world: str
    fetched_at: datetime
    files: dict[str, dict[str, int | str]]
    hash: str
    accepted_removals: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Return the folder's name, `<fetched_at>-<hash8>`."""
        return self.folder.name

    def paths(self, table: str) -> list[Path]:
        """Return the files of a raw table, none if the snapshot does not have it."""
        return [self.folder / name for name in sorted(self.files) if FORMATS[self.role].table(name) == table]


Vet = Callable[[Snapshot, Snapshot | None], Collection[int]]
"""Looks at a fresh snapshot, and the one before it, before it is kept; returns the ids of races whose removal is accepted."""


def take_snapshot(
    source: Source,
    location: str | None,
    settings: Section,
    raw_folder: Path,
    *,
    now: datetime,
    previous: Snapshot | None,
    vet: Vet | None = None,
    notes: list[str] | None = None,
    around: Around | None = None,
) -> Snapshot | None:
    """Fetch, check and keep a snapshot below `raw_folder/<source>`; None when the content equals `previous`.

    Args:
        source: what is fetched from.
        location: where it is.
        settings: of the source.
        raw_folder: `data/raw`.
        now: the instant of the fetch.
        previous: the newest snapshot of the same world, if there is one.
        vet: further checks of the content; what it raises refuses the snapshot.
        notes: receives a line for each file that was found and is not read.
        around: what surrounds the fetch, where the source needs it.

    Raises:
        SourceError: the fetch or a check failed; nothing was kept and earlier snapshots are untouched.
    """
    home = raw_folder / source.name
    home.mkdir(parents=True, exist_ok=True)
    for left_by_a_crash in home.glob(".fetching-*"):
        shutil.rmtree(left_by_a_crash)
    work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=home))
    try:
        fresh = fetch_candidate(source, location, settings, work, now=now, notes=notes, around=around)
        if previous is not None and previous.hash == fresh.hash:
            return None
        target = home / f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{fresh.hash[:8]}"
        if target.exists():
            raise SourceError(f"the snapshot {target.name} exists already; wait a second and fetch again.")
        if vet is not None and (accepted := vet(fresh, previous)):
            _write_manifest(replace(fresh, accepted_removals=tuple(sorted(accepted))))
        work.chmod(0o755)
        work.rename(target)
        return read_snapshot(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fetch_checked(
    source: Source,
    location: str | None,
    settings: Section,
    folder: Path,
    notes: list[str] | None = None,
    *,
    around: Around | None = None,
) -> dict[str, int]:
    """Fetch raw files into an empty folder, check them in a limited process and return {file: rows}.

    `notes` receives a line for each file that was found and is not read. Without anything around, a source keeps nothing between fetches.
    """
    source.check_location(location)
    with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
        told = source.fetch_files(location, settings, folder, around or Around(Path(scratch)))
    if notes is not None:
        notes.extend(told)
    try:
        return inspect_folder(folder, source.role)
    except SourceError as error:  # what is missing may be there under another name
        raise SourceError("\n  ".join([str(error), *told])) from error


def fetch_candidate(
    source: Source,
    location: str | None,
    settings: Section,
    folder: Path,
    *,
    now: datetime,
    notes: list[str] | None = None,
    around: Around | None = None,
) -> Snapshot:
    """Fetch raw files into an empty folder, check them in a limited process, and describe them by a manifest.

    Raises:
        SourceError: the fetch or a check failed.
    """
    rows = fetch_checked(source, location, settings, folder, notes, around=around)
    content = folder_hash(folder)
    files: dict[str, dict[str, int | str]] = {
        name: {"sha256": file_sha256(folder / name), "bytes": (folder / name).stat().st_size, "rows": rows[name]}
        for name in sorted(rows)
    }
    fresh = Snapshot(folder, source.name, source.role, location, source.world(settings), now, files, content)
    _write_manifest(fresh)
    return fresh


def _write_manifest(snapshot: Snapshot) -> None:
    manifest: dict[str, Any] = {
        "source": snapshot.source,
        "role": snapshot.role,
        "location": snapshot.location,
        "world": snapshot.world,
        "fetched_at": snapshot.fetched_at.astimezone(UTC).isoformat(),
        "files": snapshot.files,
        "hash": snapshot.hash,
    }
    if snapshot.accepted_removals:
        manifest["accepted_removals"] = list(snapshot.accepted_removals)
    (snapshot.folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def snapshots(source_folder: Path, world: str | None = None) -> list[Snapshot]:
    """Return the verified snapshots of one source (and world, if given), oldest first.

    Raises:
        SourceError: a snapshot was edited or is incomplete; names the file.
    """
    if not source_folder.is_dir():
        return []
    folders = [path for path in sorted(source_folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    found = [read_snapshot(folder) for folder in folders]
    chosen = [snapshot for snapshot in found if world is None or snapshot.world == world]
    return sorted(chosen, key=lambda snapshot: snapshot.fetched_at)


def read_snapshot(folder: Path) -> Snapshot:
    """Read a snapshot's manifest and verify every file against it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        snapshot = Snapshot(
            folder,
            manifest["source"],
            manifest.get("role", "results"),
            manifest["location"],
            manifest["world"],
            datetime.fromisoformat(manifest["fetched_at"]),
            files,
            manifest["hash"],
            tuple(manifest.get("accepted_removals", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder.name}/{MANIFEST} is missing or damaged ({error}). {_RESTORE}") from error
    for name, entry in files.items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != entry["sha256"]:
            state = "was edited after it was fetched" if path.is_file() else "is gone"
            raise SourceError(f"{folder.name}/{name} {state}; snapshots are never edited. {_RESTORE}")
    return snapshot


_RESTORE = "Restore it with `dvc checkout`, or delete that snapshot folder and fetch again."
