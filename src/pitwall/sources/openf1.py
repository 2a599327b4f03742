"""The `openf1` source: laps, tyres, weather and race control of races since 2023, from the history of the OpenF1 API.

Races and drivers are found by the results that the project has. Pages are kept between fetches (`.pitwall/sources/openf1`). Written from the
documentation named in `machinery.openf1.pages`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from pitwall.domain import clock
from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.entrants import Race, nearest_race, races_run
from pitwall.sources.machinery.lap_files import RaceFiles, write_lap_files
from pitwall.sources.machinery.openf1.laps import race_files
from pitwall.sources.machinery.openf1.pages import Pages, instant
from pitwall.sources.machinery.source import Source
from pitwall.sources.machinery.web.client import Client, WebSettings
from pitwall.sources.machinery.web.hosts import pinned
from pitwall.sources.machinery.web.pace import Limit, Pace
from pitwall.sources.machinery.web.spool import DAY, Spool

PUBLISHED = "https://api.openf1.org/v1/"


class OpenF1Settings(WebSettings):
    """What is asked for, and how often.

    Attributes:
        first_season: the first one; the history begins in 2023.
        last_season: the last one; the present year when None.
        requests_per_second: see the next.
        requests_per_minute: what the service asks of those who do not pay.
        settle_days: so long after a race its pages are asked for again at every fetch.
        recheck_days: so long a page that is settled is taken as it is.
        fresh_min: so many minutes a finished fetch is taken for the present state.
    """

    first_season: int = Field(2023, ge=1950, le=2100)
    last_season: int | None = Field(None, ge=1950, le=2100)
    requests_per_second: int = Field(3, ge=1, le=3)
    requests_per_minute: int = Field(30, ge=1, le=30)
    settle_days: float = Field(7, ge=0)
    recheck_days: float = Field(90, ge=0)
    fresh_min: float = Field(60, ge=0)


def fetch(location: str | None, settings: OpenF1Settings, folder: Path, around: Around) -> list[str]:
    """Write the files of laps of the wanted seasons into `folder`, and name what was left out.

    Raises:
        SourceBusy: the server asks for a long pause.
        SourceError: no results yet, another host, no race found, or an answer that is not what the documentation says.
    """
    base = pinned(SOURCE.name, location, PUBLISHED)
    last = settings.last_season or clock.now().year
    races = races_run(around.results, settings.first_season, last, SOURCE.name)
    limits = [Limit(settings.requests_per_second, 1.0), Limit(settings.requests_per_minute, 60.0)]
    pace = Pace(around.folder / "pace.json", limits, around.now, around.sleep)
    spool = Spool(around.folder, base, around.now, settings.fresh_min)
    with Client(base, settings, pace, around.sleep, around.tell) as client, spool.visit():
        found = list(_read(Pages(client, spool), races, settings, around.now()))
    asked = f"asked for {client.asked} pages, took {spool.reused} as they were kept, waited {pace.waited:.0f} s for the limits"
    if not any(files.laps for files in found):
        raise SourceError(
            f"{base} has no lap of the races of the results; correct the location, or the seasons of the source."
        )
    write_lap_files(folder, found)
    return [asked, *(note for files in found for note in files.notes)]


def _read(pages: Pages, races: list[Race], settings: OpenF1Settings, now: float) -> Iterator[RaceFiles]:
    """Yield the files of every race that the API has a session of."""

    def good_for(race: Race) -> float:
        settled = now - race.starts_at.timestamp() > settings.settle_days * DAY
        return settings.recheck_days * DAY if settled else 0.0

    for year in sorted({race.season for race in races}):
        of_year = [race for race in races if race.season == year]
        for session in pages.sessions(year, good_for(of_year[-1])):
            began = instant(session["date_start"])
            if began and (race := nearest_race(of_year, began)):
                yield race_files(race, pages.race(session, good_for(race)))


SOURCE = Source(
    name="openf1",
    summary="laps, tyres, weather and race control of races since 2023, from the history of the OpenF1 API",
    attribution="OpenF1, https://openf1.org; unofficial, and not associated with Formula 1",
    needs_location=False,
    Settings=OpenF1Settings,
    fetch_around=fetch,
    role="laps",
    published=PUBLISHED,
)
