"""Fetch the files of a format from where the user says they are: a folder, a zip file or an http(s) URL of a zip file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from pydantic import Field

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section
from pitwall.sources.machinery.fetching.archive import unpack
from pitwall.sources.machinery.fetching.download import download
from pitwall.sources.machinery.reading.choice import choose
from pitwall.sources.machinery.reading.format import RawFormat


class FetchSettings(Section):
    """Limits of a fetch. Seconds and megabytes."""

    connect_timeout_s: float = Field(10, gt=0)
    total_timeout_s: float = Field(300, gt=0)
    max_download_mb: int = Field(200, ge=1)
    max_unpacked_mb: int = Field(1000, ge=1)


def fetch_files(
    location: str | None, raw: RawFormat, settings: FetchSettings, folder: Path, *, also: Collection[str] = ()
) -> list[str]:
    """Copy the known files of a format into `folder`, and return a line for each file that is not read.

    Args:
        location: a folder, a zip file or the URL of one.
        raw: the format.
        settings: limits.
        folder: an empty one.
        also: hosts to which a download may be redirected.

    Raises:
        SourceError: the location does not exist, cannot be reached, is damaged, holds no file of the format or two of one.
    """
    if location is None:
        raise SourceError(f"{raw.title} needs a location: a folder, a zip file or a URL of a zip file.")
    if location.lower().startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
            archive = Path(scratch) / "dump.zip"
            limits = (settings.connect_timeout_s, settings.total_timeout_s, settings.max_download_mb)
            download(location, archive, *limits, also=also)
            return unpack(archive, folder, raw, settings.max_unpacked_mb, name=location)
    if Path(location).is_dir():
        return _copy(Path(location), raw, folder)
    if Path(location).is_file():
        return unpack(Path(location), folder, raw, settings.max_unpacked_mb, name=location)
    raise SourceError(f"{location} does not exist; give the path of a folder or zip file, or its http(s) URL.")


def _copy(origin: Path, raw: RawFormat, folder: Path) -> list[str]:
    """Copy the known files; of two forms of one file the format's preferred one wins."""
    chosen, notes = choose((path.name for path in origin.iterdir() if path.is_file()), raw, f"the folder {origin}")
    notes += _deeper(origin, raw)
    if not chosen:
        told = "".join(f"\n  {note}" for note in notes)
        raise SourceError(
            f"the folder {origin} holds no file of {raw.title} ({raw.example}, ...); give the folder that holds these files "
            f"themselves.{told}"
        )
    for name, kept in chosen.items():
        shutil.copyfile(origin / name, folder / kept)
    return notes


def _deeper(origin: Path, raw: RawFormat) -> list[str]:
    """Return a line for the known files in folders of a folder, and for its zip files: neither is read."""
    inside = sorted(path for path in origin.glob("*/*") if raw.stem(path.name) and not path.parent.name.startswith("."))
    lines = [
        f"not read: {path.relative_to(origin)} lies in a folder of its own; put it beside the others" for path in inside
    ]
    zips = sorted(path for path in origin.iterdir() if path.suffix.casefold() == ".zip")
    return lines + [f"not read: {path.name}; to read it, give {path} as the location" for path in zips]
