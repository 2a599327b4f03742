"""Fetch the files of a format from where the user says they are: a folder, a zip file or an http(s) URL of a zip file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pydantic import Field

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section
from pitwall.sources._archive import unpack
from pitwall.sources._download import download
from pitwall.sources._schema import RawFormat


class FetchSettings(Section):
    """Limits of a fetch. Seconds and megabytes."""

    connect_timeout_s: float = Field(10, gt=0)
    total_timeout_s: float = Field(300, gt=0)
    max_download_mb: int = Field(200, ge=1)
    max_unpacked_mb: int = Field(1000, ge=1)


def fetch_files(location: str | None, raw: RawFormat, settings: FetchSettings, folder: Path) -> None:
    """Copy the known files of a format into `folder`; unknown files are left alone.

    Raises:
        SourceError: the location does not exist, cannot be reached, is damaged or holds no file of the format.
    """
    if location is None:
        raise SourceError(f"{raw.title} needs a location: a folder, a zip file or a URL of a zip file.")
    if location.lower().startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
            archive = Path(scratch) / "dump.zip"
            download(location, archive, settings.connect_timeout_s, settings.total_timeout_s, settings.max_download_mb)
            unpack(archive, folder, raw, settings.max_unpacked_mb, name=location)
    elif Path(location).is_dir():
        _copy(Path(location), raw, folder)
    elif Path(location).is_file():
        unpack(Path(location), folder, raw, settings.max_unpacked_mb, name=location)
    else:
        raise SourceError(f"{location} does not exist; give the path of a folder or zip file, or its http(s) URL.")


def _copy(origin: Path, raw: RawFormat, folder: Path) -> None:
    """Copy the known files; of two forms of one file the format's preferred one wins."""
    found = {raw.stem(path.name): path for suffix in raw.suffixes[::-1] for path in sorted(origin.glob(f"*{suffix}"))}
    known = {stem: path for stem, path in found.items() if stem is not None and path.is_file()}
    if not known:
        raise SourceError(
            f"the folder {origin} holds no file of {raw.title} ({raw.example}, ...); give the folder that holds these files "
            "themselves."
        )
    for path in known.values():
        shutil.copyfile(path, folder / path.name)
