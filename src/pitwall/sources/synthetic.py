"""The `synthetic` source: an embedded world of seeded seasons, so that everything runs without a network or a licence.

It is the default. Names are invented; the world behind them is a model of races lap by lap (`_world`, docs/world.md), set to what
real seasons show (`studies/realism.py` prints both side by side). The last season is unfinished, so that there is a race to
forecast: its practice, qualifying and final grid are published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field as Limit
from pydantic import model_validator

from pitwall.domain.params import Section
from pitwall.sources.machinery.source import Source
from pitwall.sources.synthetic_world.publishing.moments import WHOLE, Moment


class SyntheticSettings(Section):
    """Size and seed of the world, and the moment at which it is looked at: by default two thirds of the last season have been run.

    `teams` take part in the last season, one less in most, two more in the first of a full field. `scale` multiplies the seasons, for
    benchmarks; the last `laps_seasons` publish their laps. Worlds differ, as decades do; the default seed is, of the first six,
    the one whose marginals lie nearest to the real ones (`python studies/realism.py`). `rounds_run` races of the last season have been
    run, and `moment` says what is known of the next one (docs/world.md); both make no other world, only an earlier or later snapshot.
    """

    seed: int = Limit(3, ge=0)
    seasons: int = Limit(10, ge=2, le=40)
    first_season: int = Limit(2017, ge=1950, le=2060)
    teams: int = Limit(11, ge=3, le=12)
    races: int = Limit(21, ge=3, le=26)
    scale: int = Limit(1, ge=1, le=7)
    laps_seasons: int = Limit(1, ge=0, le=280)
    rounds_run: int | None = Limit(None, ge=0)
    moment: Moment = WHOLE

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.rounds_run is not None and self.rounds_run > self.races:
            raise ValueError(f"rounds_run is {self.rounds_run}, but a season has {self.races} races")
        return self

    @property
    def run(self) -> int:
        """Return how many races of the last season have been run."""
        return self.races * 2 // 3 if self.rounds_run is None else self.rounds_run

    @property
    def all_seasons(self) -> int:
        """Return how many seasons there are, `scale` included."""
        return self.seasons * self.scale

    @property
    def first(self) -> int:
        """Return the first season: a larger world reaches further back."""
        return self.first_season - self.seasons * (self.scale - 1)


def fetch(_location: str | None, settings: SyntheticSettings, folder: Path) -> None:
    """Write the world's files into `folder`; the same settings give the same bytes."""
    from pitwall.sources.synthetic_world import World
    from pitwall.sources.synthetic_world.publishing.publication import publish

    publish(World(settings), folder)


SOURCE = Source(
    name="synthetic",
    summary="an embedded world of invented seasons, with a next race to forecast; needs nothing",
    attribution="Synthetic data made by Pitwall; any likeness to real persons or teams is accidental",
    needs_location=False,
    Settings=SyntheticSettings,
    fetch=fetch,
    role="both",
    deterministic=True,
    version="3",
)
