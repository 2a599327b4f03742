"""Unpack a dump from a zip file that nobody vouches for.

Only files with a known name are taken (`_choice`), by their last name and never by their path, so no member can be written outside the
folder; what comes out is counted while it is written, so no member can be larger than the limit, whatever it claims.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.choice import choose
from pitwall.sources.machinery.reading.format import RawFormat

BLOCK = 1 << 20
MAX_MEMBERS = 1000
APPLE = "__MACOSX/"


def unpack(archive: Path, folder: Path, raw: RawFormat, max_mb: int, name: str) -> list[str]:
    """Write the files of a zip file that belong to a format into `folder`, and return which it does not read.

    Raises:
        SourceError: it is no zip, is cut short, is too large, holds no such file or two of one; calls it `name`.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            left = max_mb << 20
            members, notes = _members(opened, raw, name)
            for member, kept in members:
                left -= _write(opened, member, folder / kept, left, name=name, max_mb=max_mb)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{name} is no complete zip file ({error}); download it again.") from error
    return notes


def _members(opened: zipfile.ZipFile, raw: RawFormat, name: str) -> tuple[list[tuple[zipfile.ZipInfo, str]], list[str]]:
    """Return the members to read, each with the name under which to keep it, and which are not read."""
    infos = opened.infolist()
    if len(infos) > MAX_MEMBERS:
        raise SourceError(f"{name} holds {len(infos)} files; {raw.title} has fewer than {MAX_MEMBERS}.")
    files = [(info.filename.replace("\\", "/"), info) for info in infos if not info.is_dir()]
    known = [path for path, _ in files if raw.stem(PurePosixPath(path).name)]
    for path in known:
        if path.startswith("/") or ".." in PurePosixPath(path).parts:
            raise SourceError(f"{name} holds the path {path!r}, which leads outside; do not use this file.")
        if known.count(path) > 1:
            raise SourceError(f"{name} holds {path} twice; keep one.")
    by_path = dict(files)
    chosen, notes = choose((path for path in by_path if not path.startswith(APPLE)), raw, name)
    if not chosen:
        raise SourceError(f"{name} holds no file of {raw.title} ({raw.example}, ...); give another one.{_list(notes)}")
    return [(by_path[path], kept) for path, kept in chosen.items()], notes


def _list(notes: list[str]) -> str:
    return "".join(f"\n  {note}" for note in notes)


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int, *, name: str, max_mb: int) -> int:
    written = 0
    with opened.open(member) as stream, target.open("wb") as out:
        while block := stream.read(BLOCK):
            written += len(block)
            if written > left:
                raise SourceError(
                    f"{name} unpacks to more than {max_mb} MB, which is more than a data source should hold. "
                    "If it is right, raise max_unpacked_mb of the source in params.yaml."
                )
            out.write(block)
    return written
