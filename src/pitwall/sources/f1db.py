"""The `f1db` source: races from a CSV release of F1DB, from its publisher, a zip file or a folder.

F1DB calls drivers and teams by its own names; `ids.csv` of the snapshot says which number stands for which.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.f1db.release import RELEASE, read_release
from pitwall.sources.machinery.f1db.shape import dump_of
from pitwall.sources.machinery.fetching.fetch import FetchSettings, fetch_files
from pitwall.sources.machinery.source import Source
from pitwall.sources.machinery.web.dump import write_dump
from pitwall.sources.machinery.web.hosts import pinned
from pitwall.sources.machinery.web.ids import Ids

PUBLISHED = "https://github.com/f1db/f1db/releases/latest/download/f1db-csv.zip"
STORES = ("objects.githubusercontent.com", "release-assets.githubusercontent.com")  # to which it redirects


class F1dbSettings(FetchSettings):
    """Limits of a fetch. Seconds and megabytes."""


def fetch(location: str | None, settings: F1dbSettings, folder: Path, around: Around) -> list[str]:
    """Write the dump of a release into `folder`, and name the files that are not read.

    Raises:
        SourceError: the location is another host, is missing or damaged, or the release lacks a file or column.
    """
    given = location or PUBLISHED
    where = pinned(SOURCE.name, given, PUBLISHED).rstrip("/") if "://" in given else given
    with tempfile.TemporaryDirectory(prefix="pitwall-") as scratch:
        fetch_files(where, RELEASE, settings, Path(scratch), also=STORES)
        write_dump(folder, dump_of(read_release(Path(scratch)), Ids.of(around.previous)))
    return []


SOURCE = Source(
    name="f1db",
    summary="races from a CSV release of F1DB: its newest one, a zip file or a folder",
    attribution="F1DB, https://github.com/f1db/f1db, CC BY 4.0",
    needs_location=False,
    Settings=F1dbSettings,
    fetch_around=fetch,
    published=PUBLISHED,
)
