"""The `user_files` source: what a user knows of the same races and no data set holds: upgrades of cars, speeds in corners.

Files are CSV or parquet: `upgrades` (season, round, constructor) and `corner_speeds` (season, round, driver, session,
avgCornerSpeed in km/h), one of them at least; teams and drivers are named as people name them, or by id (docs/data.md).
"""

from __future__ import annotations

from pathlib import Path

from pitwall.sources.machinery.fetching.fetch import FetchSettings, fetch_files
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.source import Source


class UserFilesSettings(FetchSettings):
    """Limits of a fetch. Seconds and megabytes."""


def fetch(location: str | None, settings: UserFilesSettings, folder: Path) -> list[str]:
    """Copy the known files of a user into `folder`, name the others; see `fetch_files` for the errors."""
    return fetch_files(location, FORMATS["user"], settings, folder)


SOURCE = Source(
    name="user_files",
    summary="upgrades of cars and speeds in corners, as a user writes them down: folder, zip file or URL of a zip file",
    attribution="as the user who keeps these files says",
    needs_location=True,
    Settings=UserFilesSettings,
    fetch=fetch,
    role="user",
)
