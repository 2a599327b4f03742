"""Choose the files of a format among the names that a folder or zip file holds, and say what is not read.

A table that is passed over in silence looks like one that was never recorded. So every file that looks like data and is not read is
named, with the nearest known name, and two files for one table are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.format import RawFormat, nearest
from pitwall.sources.machinery.reading.schema import FORMATS

DATA = (".csv", ".csv.gz", ".parquet", ".tsv", ".xlsx", ".xls", ".ods", ".feather", ".csv.zip")
HIDDEN = (".", "~$")  # an editor's lock, a system's notes beside each file


def choose(paths: Iterable[str], raw: RawFormat, origin: str) -> tuple[dict[str, str], list[str]]:
    """Return which files to read, and which not.

    Args:
        paths: of all files, with `/` between folders.
        raw: the format.
        origin: what they lie in, for messages.

    Returns:
        {path: name under which to keep it}, and one line per file (or group) that is not read.

    Raises:
        SourceError: two files hold one table.
    """
    chosen: dict[str, str] = {}
    notes: list[str] = []
    unknown: list[str] = []
    for path in sorted(each for each in paths if not PurePath(each).name.startswith(HIDDEN)):
        stem = raw.stem(PurePath(path).name)
        if stem is None:
            unknown.append(path)
        elif stem not in chosen:
            chosen[stem] = path
        else:
            better, worse = _preferred(chosen[stem], path, raw, origin)
            chosen[stem] = better
            notes.append(f"not read: {worse}, because {PurePath(better).name} holds the same")
    return {path: _kept(path, raw) for path in chosen.values()}, notes + _not_read(unknown, raw)


def _preferred(first: str, second: str, raw: RawFormat, origin: str) -> tuple[str, str]:
    """Return the file in the preferred form, then the other; refuse two that are not two forms of one."""
    names = [PurePath(path).name for path in (first, second)]
    suffixes = [raw.suffix(name) or "" for name in names]
    spelled = [name[: -len(suffix)] for name, suffix in zip(names, suffixes, strict=True)]
    if suffixes[0] == suffixes[1] or spelled[0] != spelled[1]:
        what = f"{names[0]} twice" if names[0] == names[1] else "two files for one table"
        raise SourceError(f"{origin} holds {what} ({first}, {second}); keep one.")
    ordered = sorted((first, second), key=lambda path: raw.suffixes.index(raw.suffix(PurePath(path).name) or ""))
    return ordered[0], ordered[1]


def _kept(path: str, raw: RawFormat) -> str:
    """Return a file's name with its suffix as the format writes it."""
    name = PurePath(path).name
    suffix = raw.suffix(name) or ""
    return name[: -len(suffix)] + suffix


def _not_read(paths: list[str], raw: RawFormat) -> list[str]:
    """Return a line for each file that looks like data; those of another format together in one."""
    lines, others = [], []
    for path in paths:
        name = PurePath(path).name
        if not name.casefold().endswith(DATA) and not _same_table(name, raw):
            continue
        if any(other.stem(name) for other in FORMATS.values()) and not _same_table(name, raw):
            others.append(path)
            continue
        near = nearest(name.partition(".")[0], raw.files)
        hint = f"; the nearest known name is {raw.file(near)}" if near else ""
        lines.append(f"not read: {path} is no file of {raw.title}{hint}")
    if others:
        lines.append(f"not read, files of other sources: {', '.join(others)}")
    return lines


def _same_table(name: str, raw: RawFormat) -> bool:
    """Return whether a file has a table's name in this format but a suffix that it does not read."""
    return raw.stem(name.partition(".")[0] + raw.suffixes[0]) is not None
