"""The `fastf1_laps` source: laps, weather, track and session status of races, as FastF1 reads them from the live timing.

Files are parquet or CSV with FastF1's column names, ids of the results' source in front (raceId, driverId, constructorId)
and all times in seconds: `laps_<season>`, `weather`, `track_status`, `session_status`, and `races` for their origin.
"""

from __future__ import annotations

from pathlib import Path

from pitwall.sources.machinery.fetching.fetch import FetchSettings, fetch_files
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.source import Source


class FastF1LapsSettings(FetchSettings):
    """Limits of a fetch. Seconds and megabytes."""


def fetch(location: str | None, settings: FastF1LapsSettings, folder: Path) -> list[str]:
    """Copy the known files of a collection of laps into `folder`, name the others; see `fetch_files` for the errors."""
    return fetch_files(location, FORMATS["laps"], settings, folder)


SOURCE = Source(
    name="fastf1_laps",
    summary="laps, weather, track and session status with FastF1's columns: folder, zip file or URL of a zip file",
    attribution=(
        "Official F1 live timing as recorded by FastF1 (MIT); the values are facts of timing, treat a collection of them as "
        "research data"
    ),
    needs_location=True,
    Settings=FastF1LapsSettings,
    fetch=fetch,
    role="laps",
)
