"""The `fastf1` source: laps, weather, track and session status of races, through the library FastF1 where it is installed.

The library fetches and caches by itself; races and drivers are found by the results that the project has. Written from docs.fastf1.dev (core:
Session, Laps; fastf1: get_session, Cache), as read on 2026-11-30.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from pitwall.domain import clock
from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.entrants import races_run
from pitwall.sources.machinery.fastf1.session import race_files
from pitwall.sources.machinery.lap_files import RaceFiles, write_lap_files
from pitwall.sources.machinery.source import Source

FIRST = 2018  # the first season with timing data


class FastF1Settings(Section):
    """Which races are read, and where the library keeps what it fetched.

    Attributes:
        first_season: the first one.
        last_season: the last one; the present year when None.
        cache: a folder; `.pitwall/sources/fastf1/cache` when None.
    """

    first_season: int = Field(2023, ge=FIRST, le=2100)
    last_season: int | None = Field(None, ge=FIRST, le=2100)
    cache: str | None = None


def fetch(_location: str | None, settings: FastF1Settings, folder: Path, around: Around) -> list[str]:
    """Write the files of laps of the wanted seasons into `folder`, and name races that were left out.

    Raises:
        SourceError: the library is not installed, no results yet, or no race could be read.
    """
    library = _library()
    last = settings.last_season or clock.now().year
    races = races_run(around.results, settings.first_season, last, SOURCE.name)
    cache = Path(settings.cache) if settings.cache else around.folder / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    library.Cache.enable_cache(str(cache))
    notes: list[str] = []
    found = list(_read(library, races, notes))
    if not found:
        raise SourceError("fastf1 gave no lap of the races of the results:\n  " + "\n  ".join(notes))
    write_lap_files(folder, found)
    return [*notes, *(note for files in found for note in files.notes)]


def _read(library: Any, races: list[Any], notes: list[str]) -> Iterator[RaceFiles]:
    """Yield the files of each race; one that the library cannot give is noted."""
    for race in races:
        try:
            session = library.get_session(race.season, race.round, "R")
            session.load(laps=True, telemetry=False, weather=True, messages=True)
            files = race_files(race, session)
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001  (the library has no common base of its errors)
            notes.append(f"not read: {race.season}-{race.round:02d} {race.name} ({type(error).__name__}: {error})")
            continue
        yield files


def _library() -> Any:
    try:
        return importlib.import_module("fastf1")
    except ImportError:
        raise SourceError(
            "the library fastf1 is not installed; install it beside Pitwall (`pip install fastf1`), or use openf1, which needs nothing."
        ) from None


SOURCE = Source(
    name="fastf1",
    summary="laps, weather, track and session status of races, through the library FastF1 and its cache",
    attribution="Official F1 live timing as recorded by FastF1 (MIT); the values are facts of timing",
    needs_location=False,
    Settings=FastF1Settings,
    fetch_around=fetch,
    role="laps",
)
