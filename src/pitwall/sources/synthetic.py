"""The `synthetic` source: an embedded world of seeded seasons, so that everything runs without a network or a licence.

It is the default. Names are invented; how strongly grid, form and team decide a race is set to what real seasons show
(`studies/realism.py` prints both side by side). The last season is unfinished, so that there is a race to forecast: its
practice, qualifying and final grid are published.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field as Limit

from pitwall.domain.params import Section
from pitwall.sources._source import Source
from pitwall.sources._world_calendar import Venue, season_calendar, venues
from pitwall.sources._world_dump import Dump
from pitwall.sources._world_race import run_race
from pitwall.sources._world_standings import Championship
from pitwall.sources._world_strength import Field, Paddock
from pitwall.sources._world_weekend import run_weekend


class SyntheticSettings(Section):
    """Size and seed of the world. The last team joins in the last season; two thirds of that season have been run.

    Worlds differ, as decades do; the default seed is, of the first 20, the one whose marginals lie nearest to the real ones
    (`python studies/realism.py --seeds 20`).
    """

    seed: int = Limit(2, ge=0)
    seasons: int = Limit(10, ge=2, le=40)
    first_season: int = Limit(2017, ge=1950, le=2060)
    teams: int = Limit(11, ge=3, le=12)
    races: int = Limit(21, ge=3, le=26)
    scale: int = Limit(1, ge=1, le=7)
    laps_seasons: int = Limit(2, ge=0, le=280)

    @property
    def all_seasons(self) -> int:
        """Return how many seasons there are, `scale` included."""
        return self.seasons * self.scale

    @property
    def first(self) -> int:
        """Return the first season: a larger world reaches further back."""
        return self.first_season - self.seasons * (self.scale - 1)


def fetch(_location: str | None, settings: SyntheticSettings, folder: Path) -> None:
    """Write the world's dump into `folder`; the same settings give the same bytes."""
    drivers = 2 * settings.teams + 4 * settings.seasons
    dump, circuits = Dump(), venues(_rng(settings, 1))
    dump.add_people(drivers, settings.teams, settings.first_season, _rng(settings, 2))
    dump.add_circuits(circuits)
    paddock = Paddock(settings.teams, drivers, _rng(settings, 3))
    for number in range(settings.seasons):
        season, last = settings.first_season + number, number == settings.seasons - 1
        dump.files["seasons"].append({"year": season, "url": None})
        field = paddock.season(number, season, settings.teams if last else settings.teams - 1)
        _run_season(dump, field, circuits, settings, run=settings.races * 2 // 3 if last else settings.races)
        paddock.keep(field)
    dump.write(folder)


def _run_season(dump: Dump, field: Field, circuits: list[Venue], settings: SyntheticSettings, run: int) -> None:
    """Run the first `run` races of a season, publish the grid of the next one, and announce the rest."""
    drivers, constructors = Championship(), Championship()
    calendar = season_calendar(field.season, settings.races, circuits, _rng(settings, 4, field.season))
    for number, (start, venue) in enumerate(calendar, start=1):
        race = dump.add_race(field.season, number, start, venue)
        if number > run + 1:
            continue
        rng = _rng(settings, 5, field.season, number)
        field.drift(rng)
        weekend = run_weekend(field, venue.circuit, rng)
        dump.add_weekend(race, field, weekend)
        if number <= run:
            dump.add_result(race, field, run_race(field, venue.circuit, weekend, rng), drivers, constructors)
        else:
            dump.add_grid(race, field, weekend)


def _rng(settings: SyntheticSettings, *purpose: int) -> np.random.Generator:
    """Return a generator of its own for each purpose, so that one part does not disturb another."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([settings.seed, *purpose])))


SOURCE = Source(
    name="synthetic",
    summary="an embedded world of invented seasons, with a next race to forecast; needs nothing",
    attribution="Synthetic data made by Pitwall; any likeness to real persons or teams is accidental",
    needs_location=False,
    Settings=SyntheticSettings,
    fetch=fetch,
    deterministic=True,
    version="2",
)
