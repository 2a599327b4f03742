"""Unpack a dump from a zip file that nobody vouches for.

Only files with a known name are taken, by their last name and never by their path, so no member can be written outside the
folder; what comes out is counted while it is written, so no member can be larger than the limit, whatever it claims.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from pitwall.domain.errors import SourceError
from pitwall.sources._schema import RawFormat

BLOCK = 1 << 20
MAX_MEMBERS = 1000


def unpack(archive: Path, folder: Path, raw: RawFormat, max_mb: int, name: str) -> None:
    """Write the files of a zip file that belong to a format into `folder`.

    Raises:
        SourceError: it is no zip, is cut short, is too large, or holds no such file; calls it `name`.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            left = max_mb << 20
            for member in _members(opened, raw, name):
                left -= _write(opened, member, folder, left, name=name, max_mb=max_mb)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"{name} is no complete zip file ({error}); download it again.") from error


def _members(opened: zipfile.ZipFile, raw: RawFormat, name: str) -> list[zipfile.ZipInfo]:
    infos = opened.infolist()
    if len(infos) > MAX_MEMBERS:
        raise SourceError(f"{name} holds {len(infos)} files; {raw.title} has fewer than {MAX_MEMBERS}.")
    chosen: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        last = PurePosixPath(info.filename).name
        stem = None if info.is_dir() else raw.stem(last)
        if stem is None:
            continue
        if info.filename.startswith(("/", "\\")) or ".." in PurePosixPath(info.filename).parts:
            raise SourceError(f"{name} holds the path {info.filename!r}, which leads outside; do not use this file.")
        if stem in chosen:
            raise SourceError(f"{name} holds {last} twice ({chosen[stem].filename}, {info.filename}); keep one.")
        chosen[stem] = info
    if not chosen:
        raise SourceError(f"{name} holds no file of {raw.title} ({raw.example}, ...); give another one.")
    return list(chosen.values())


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, left: int, *, name: str, max_mb: int) -> int:
    written = 0
    target = folder / PurePosixPath(member.filename).name
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
