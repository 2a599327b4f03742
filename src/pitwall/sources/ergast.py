"""The `ergast` source: a CSV dump in Ergast's format, from a folder, a zip file or an http(s) URL of a zip file."""

from __future__ import annotations

from pathlib import Path

from pitwall.sources.machinery.fetching.fetch import FetchSettings, fetch_files
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.source import Source


class ErgastSettings(FetchSettings):
    """Limits of a fetch. Seconds and megabytes."""


def fetch(location: str | None, settings: ErgastSettings, folder: Path) -> list[str]:
    """Copy the known files of a dump into `folder`, name the others; see `fetch_files` for the errors."""
    return fetch_files(location, FORMATS["results"], settings, folder)


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
