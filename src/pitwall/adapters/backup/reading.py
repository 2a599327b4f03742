"""Unpack an archive beside its place and verify it there. Its bytes are a stranger's: what it says of names and sizes is not believed.

Only plain files that the manifest names are taken, each once, with the size and hash that it gives, and no more bytes are unpacked than it
has announced. The archive is read to its end, whose checksum is gzip's.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from pitwall.adapters.backup.manifest import MOST_BYTES, NAME, PREFIX, KeptFile, Manifest, parse
from pitwall.domain.errors import BackupError, UsageError
from pitwall.domain.project import ACCOUNTS

CHUNK = 1 << 16
MOST_HEADERS = 1 << 20  # in front of a member: tarfile reads them whole
MOST_BEHIND = 1 << 20  # zeros behind the last member
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class _Unzipped(gzip.GzipFile):
    """The stream that tarfile reads, as much at a time as is allowed: headers that claim to be huge never come into memory."""

    allowance = MOST_HEADERS

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= self.allowance:
            raise BackupError("the archive has more in front of a file than any backup. Nothing was restored.")
        self.allowance -= size
        return super().read(size)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder and verify every file; return its manifest.

    Raises:
        UsageError: there is no such file.
        BackupError: it is damaged, cut short or hostile, or larger than the disk; says what was found. The folder may then hold anything.
    """
    if not archive.is_file():
        raise UsageError(f"there is no archive {archive}; pitwall backup makes one.")
    try:
        with _Unzipped(archive) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
            manifest = _unpacked(stream, tar, folder)
            _see_end(stream)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError) as error:
        raise BackupError(
            f"{archive} is damaged or cut short: {error}. Nothing was restored; take another backup."
        ) from None
    if (folder / ACCOUNTS).exists():
        _see_sound(folder / ACCOUNTS)
    return manifest


def _unpacked(stream: _Unzipped, tar: tarfile.TarFile, folder: Path) -> Manifest:
    first = tar.next()
    if first is None or first.name != NAME or first.type not in PLAIN or not 0 <= first.size <= MOST_BYTES:
        raise BackupError(f"the archive does not begin with {NAME}: it is no backup. Nothing was restored.")
    manifest = parse(b"".join(_chunks(stream, tar, first)))
    if manifest.size > (free := shutil.disk_usage(folder).free):
        raise BackupError(
            f"the archive holds {manifest.size:,} bytes, and {free:,} are free here. Nothing was restored."
        )
    left = set(manifest.files)
    while (member := _next(stream, tar)) is not None:
        path = member.name.removeprefix(PREFIX)
        if member.name == path or path not in left or member.type not in PLAIN:
            raise BackupError(
                f"the archive has a member {member.name[:200]!r} that is a link, stands there twice, or is not in its {NAME}. "
                "Nothing was restored."
            )
        left.remove(path)
        _take(_chunks(stream, tar, member), member.size, manifest.files[path], folder / path)
    if left:
        raise BackupError(
            f"the archive lacks {len(left):,} files of its {NAME}, such as {min(left)}. Nothing was restored."
        )
    return manifest


def _next(stream: _Unzipped, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    stream.allowance = MOST_HEADERS
    tar.members.clear()  # type: ignore[attr-defined]  # it would remember a million of them
    return tar.next()


def _take(chunks: Iterator[bytes], size: int, said: KeptFile, target: Path) -> None:
    digest = sha256()
    if size == said.size:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as written:
            for chunk in chunks:
                digest.update(chunk)
                written.write(chunk)
    if size != said.size or digest.hexdigest() != said.sha256:
        raise BackupError(
            f"{target.name} in the archive is not what its {NAME} says: it was changed or damaged. Nothing was restored."
        )


def _chunks(stream: _Unzipped, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise BackupError(f"{member.name[:200]!r} in the archive is no file. Nothing was restored.")
    stream.allowance = member.size + CHUNK
    while chunk := content.read(CHUNK):
        yield chunk


def _see_end(stream: _Unzipped) -> None:
    """Read what stands behind the last member: gzip compares its checksum at the end of the stream."""
    stream.allowance = MOST_BEHIND
    while chunk := stream.read(CHUNK):
        if chunk.strip(b"\0"):
            raise BackupError("the archive goes on behind its last file: it is no backup. Nothing was restored.")


def _see_sound(database: Path) -> None:
    """Let SQLite look at a database before anything opens it for good."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"{database.name} in the archive is no sound database: {said}. Nothing was restored.")
