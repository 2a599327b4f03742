"""What is left of a season: its races and sprints to come, and how often the car in each place sets the fastest lap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.championship.competition import Rest
from pitwall.ml.championship.season import Season

PLACES = 20
BEFORE = 20.0  # races that would have to say so before the data are believed rather than that every place is as likely


def rest_of(season: Season, fastest: tuple[float, ...] = ()) -> Rest:
    """Return what is left of a season after the last race that was run.

    Args:
        season: as known.
        fastest: see `fastest_lap_shares`; needed where the fastest lap scores.
    """
    left = season.remaining
    rounds = left["round"].astype(int)
    return Rest(tuple(rounds), frozenset(rounds[left["sprint"]]), fastest if season.rules.fastest_lap else ())


def fastest_lap_shares(tables: Tables, instant: pd.Timestamp | None = None) -> tuple[float, ...]:
    """Return P(the car in place 1, 2, ... set the fastest lap) from the races of which that is known.

    Args:
        tables: with results.
        instant: later ones are not looked at.
    """
    results = tables.only("results")
    known = (results.as_of() if instant is None else results.cut(instant))["results"]
    place = known.loc[(known["fastest_rank"] == 1) & known["classified"], "place"].clip(upper=PLACES)
    counts = np.bincount(place.to_numpy(dtype=np.int64) - 1, minlength=PLACES) + BEFORE / PLACES
    return tuple((counts / counts.sum()).tolist())
