"""The `jolpica` source: races from the Jolpica API, the successor of Ergast's, season by season and within its limits.

Pages are kept between fetches (`.pitwall/sources/jolpica`), so that a killed fetch goes on where it was, and the daily one asks only for what may
have changed. Written from the documentation named in `machinery.jolpica.pages`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from pitwall.domain import clock
from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.around import Around
from pitwall.sources.machinery.jolpica.pages import STATUS, Pages
from pitwall.sources.machinery.jolpica.season import Wanted, read_season
from pitwall.sources.machinery.jolpica.shape import Shape
from pitwall.sources.machinery.source import Source
from pitwall.sources.machinery.web.client import Client, WebSettings
from pitwall.sources.machinery.web.dump import write_dump
from pitwall.sources.machinery.web.hosts import pinned
from pitwall.sources.machinery.web.ids import Ids
from pitwall.sources.machinery.web.pace import Limit, Pace
from pitwall.sources.machinery.web.spool import DAY, HOUR, Spool

PUBLISHED = "https://api.jolpi.ca/ergast/f1/"
A_SECOND, AN_HOUR = 4, 500  # requests; what the publisher allows at most


class JolpicaSettings(WebSettings):
    """What is asked for, and how often.

    Attributes:
        first_season: the first one.
        last_season: the last one; the present year when None.
        standings: of both championships after every race, two requests a race.
        pit_stops: since 2011, one request a race.
        laps: times of all laps since 1996, about twelve requests a race.
        requests_per_second: never above the publisher's limit, nor is the next.
        requests_per_hour: see there.
        settle_days: so long after a race its pages are asked for again at every fetch.
        recheck_days: so long a page that is settled is taken as it is.
        fresh_min: so many minutes a finished fetch is taken for the present state.
    """

    first_season: int = Field(2018, ge=1950, le=2100)
    last_season: int | None = Field(None, ge=1950, le=2100)
    standings: bool = True
    pit_stops: bool = True
    laps: bool = False
    requests_per_second: int = Field(A_SECOND, ge=1, le=A_SECOND)
    requests_per_hour: int = Field(200, ge=1, le=AN_HOUR)
    settle_days: float = Field(30, ge=0)
    recheck_days: float = Field(90, ge=0)
    fresh_min: float = Field(60, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_season is not None and self.last_season < self.first_season:
            raise ValueError(f"last_season {self.last_season} is before first_season {self.first_season}")
        return self


def fetch(location: str | None, settings: JolpicaSettings, folder: Path, around: Around) -> list[str]:
    """Write the dump of the wanted seasons into `folder`, and return lines that say how many requests it took.

    Raises:
        SourceBusy: the server asks for a long pause.
        SourceError: another host, or an answer that is not what the documentation says.
    """
    base = pinned(SOURCE.name, location, PUBLISHED)
    limits = [Limit(settings.requests_per_second, 1.0), Limit(settings.requests_per_hour, HOUR)]
    pace = Pace(around.folder / "pace.json", limits, around.now, around.sleep)
    spool = Spool(around.folder, base, around.now, settings.fresh_min)
    with Client(base, settings, pace, around.sleep, around.tell) as client, spool.visit():
        shape = _read(Pages(client, spool), settings, around, base)
        write_dump(folder, shape.finished())
    return [
        f"asked for {client.asked} pages, took {spool.reused} as they were kept, waited {pace.waited:.0f} s for the limits"
    ]


def _read(pages: Pages, settings: JolpicaSettings, around: Around, base: str) -> Shape:
    wanted = Wanted(settings.standings, settings.pit_stops, settings.laps, settings.settle_days, settings.recheck_days)
    good_for = settings.recheck_days * DAY
    shape = Shape(Ids.of(around.previous), pages.rows(STATUS, good_for=good_for))
    last, found = settings.last_season or clock.now().year, 0
    for year in range(settings.first_season, last + 1):
        if season := read_season(pages, year, wanted, around.now()):
            shape.add(season)
            found += 1
    if not found:
        raise SourceError(
            f"{base} has no race of {settings.first_season} to {last}; correct the location, or first_season and last_season of the source in "
            "params.yaml."
        )
    return shape


SOURCE = Source(
    name="jolpica",
    summary="races from the Jolpica API, the successor of Ergast's, asked within its limits",
    attribution="Jolpica F1, https://github.com/jolpica/jolpica-f1; its site says what its data may be used for",
    needs_location=False,
    Settings=JolpicaSettings,
    fetch_around=fetch,
    published=PUBLISHED,
)
