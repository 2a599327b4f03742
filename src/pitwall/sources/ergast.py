"""The `ergast` source: a CSV dump in Ergast's format, from a folder, a zip file or an http(s) URL of a zip file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pydantic import Field

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section
from pitwall.sources._archive import unpack
from pitwall.sources._download import download
from pitwall.sources._schema import FILENAMES
from pitwall.sources._source import Source


class ErgastSettings(Section):
    """Limits of a fetch. Seconds and megabytes."""

    connect_timeout_s: float = Field(10, gt=0)
    total_timeout_s: float = Field(300, gt=0)
    max_download_mb: int = Field(200, ge=1)
    max_unpacked_mb: int = Field(1000, ge=1)


def fetch(location: str | None, settings: ErgastSettings, folder: Path) -> None:
    """Copy the known files of a dump into `folder`; unknown files are left alone.

    Raises:
        SourceError: the location does not exist, cannot be reached, is damaged or holds no dump.
    """
    if location is None:
        raise SourceError("the ergast source needs a location: a folder, a zip file or a URL of a zip file.")
    if location.lower().startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
            archive = Path(scratch) / "dump.zip"
            download(location, archive, settings.connect_timeout_s, settings.total_timeout_s, settings.max_download_mb)
            unpack(archive, folder, settings.max_unpacked_mb, name=location)
    elif Path(location).is_dir():
        _copy(Path(location), folder)
    elif Path(location).is_file():
        unpack(Path(location), folder, settings.max_unpacked_mb, name=location)
    else:
        raise SourceError(
            f"{location} does not exist; give the path of a dump's folder or zip file, or its http(s) URL."
        )


def _copy(origin: Path, folder: Path) -> None:
    """Copy the known files; a plain file wins over a compressed one of the same table."""
    found = sorted(path for path in origin.iterdir() if path.name in FILENAMES and path.is_file())
    if not found:
        raise SourceError(
            f"the folder {origin} holds no file of an Ergast dump (races.csv, results.csv, ...); "
            "give the folder that holds these files themselves."
        )
    plain = {FILENAMES[path.name] for path in found if path.suffix == ".csv"}
    for path in found:
        if path.suffix == ".csv" or FILENAMES[path.name] not in plain:
            shutil.copyfile(path, folder / path.name)


SOURCE = Source(
    name="ergast",
    summary="a CSV dump in Ergast's format: folder, zip file or URL of a zip file",
    attribution=(
        "Race data in the format of the Ergast Developer API; with the bundled collection: TracingInsights/RaceData (CC0) "
        "and F1DB, https://github.com/f1db/f1db, CC BY 4.0"
    ),
    needs_location=True,
    Settings=ErgastSettings,
    fetch=fetch,
)
