"""Make an archive while the project is used: files are copied first, the database by SQLite's own backup, then hashed and packed.

What is packed is the copy, so that the manifest is true of it whatever is written meanwhile.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from pitwall import __version__
from pitwall.adapters.backup.manifest import NAME, PREFIX, KeptFile, Manifest
from pitwall.domain.clock import wall
from pitwall.domain.errors import BackupError, UsageError
from pitwall.domain.project import ACCOUNTS, Project
from pitwall.domain.records.local_state import entry, is_kept

WAIT_S = 10.0  # for a writer of the database


@dataclass(frozen=True)
class Written:
    """What an archive holds.

    Attributes:
        manifest: of the archive.
        unknown: entries that are in it and that nobody has described.
        skipped: links and special files that are not in it.
    """

    manifest: Manifest
    unknown: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def write(project: Project, file: Path) -> Written:
    """Write an archive of the local state, in one step; what stood there before is replaced.

    Raises:
        UsageError: it would lie in what it is an archive of, or its folder is not there.
        BackupError: the database is locked for ten seconds or damaged, or the archive cannot be written.
    """
    state = project.state
    if not file.parent.is_dir() or file.is_dir() or file.resolve().is_relative_to(state.resolve()):
        raise UsageError(f"{file} cannot be the archive: give a file in a folder that is there, outside of {state}.")
    try:
        with tempfile.TemporaryDirectory(prefix=".pitwall.backup-", dir=file.parent) as scratch:
            return _written(state, file, Path(scratch))
    except OSError as error:
        raise BackupError(f"the archive {file} cannot be written: {error}; what stood there still does.") from None


def _written(state: Path, file: Path, scratch: Path) -> Written:
    copy, described, made = scratch / "state", scratch / NAME, scratch / "archive"
    copy.mkdir()
    skipped = [path for path in _kept(state) if not _copied(state / path, copy / path)]
    paths = sorted(_files(copy))
    manifest = Manifest(
        made_at=wall().isoformat(timespec="seconds"),
        version=__version__,
        files={path: _described(copy / path) for path in paths},
    )
    described.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    _pack(made, described, copy, paths)
    made.replace(file)
    unknown = sorted(name for name in {path.split("/")[0] for path in paths} if entry(name) is None)
    return Written(manifest, tuple(unknown), tuple(skipped))


def _kept(state: Path) -> list[str]:
    return sorted(path for path in _files(state) if is_kept(path))


def _files(folder: Path) -> Iterator[str]:
    """Yield everything below a folder that is no folder; nothing behind a link."""
    for above, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(above) / name).is_symlink()]
        yield from ((Path(above) / name).relative_to(folder).as_posix() for name in (*links, *names))


def _copied(source: Path, target: Path) -> bool:
    """Copy a file; False of a link or a special file. One that has gone since the walk is not missed."""
    if source.is_symlink() or (source.exists() and not source.is_file()):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        (_copy_database if source.name == ACCOUNTS else shutil.copyfile)(source, target)
    return True


def _copy_database(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=0)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            read.backup(written, progress=_until(time.monotonic() + WAIT_S))
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}; no archive was made.") from None


def _until(end: float) -> Callable[[int, int, int], None]:
    """Return what ends a copy that is not done by then: by itself it tries a locked database for ever."""

    def look(_status: int, left: int, total: int) -> None:
        if time.monotonic() > end and (left or not total):
            raise sqlite3.OperationalError(f"it has been locked for {WAIT_S:g} s")

    return look


def _described(path: Path) -> KeptFile:
    with path.open("rb") as stream:
        return KeptFile(sha256=file_digest(stream, "sha256").hexdigest(), size=path.stat().st_size)


def _pack(archive: Path, manifest: Path, copy: Path, paths: list[str]) -> None:
    """Pack without owners, modes and instants: they are another machine's."""
    with archive.open("xb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
        os.fchmod(raw.fileno(), 0o600)
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, NAME, manifest)
            for each in paths:
                _add(tar, f"{PREFIX}{each}", copy / each)
        packed.close()
        os.fsync(raw.fileno())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    with path.open("rb") as stream:
        tar.addfile(member, stream)
