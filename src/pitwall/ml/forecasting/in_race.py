"""Which laps a model that answers within races is asked about: the next one of each car, or a lap by its number."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.data.calendar import Race, find_race


def race_under_way(tables: Tables, spine: pd.DataFrame) -> Race:
    """Return the race of the newest lap that is known.

    Raises:
        ForecastError: no lap is known.
    """
    if spine.empty:
        raise ForecastError(
            "the data hold no laps; add a source of laps: `pitwall data use fastf1_laps --location PATH`."
        )
    newest = spine.loc[spine["cutoff"].idxmax()]
    return find_race(tables, f"{newest['season']}-{newest['round']:02d}", Stage.PRE_RACE)


def next_laps(spine: pd.DataFrame, race: Race, lap: int | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a race that are asked about, sorted by driver, and what must be said of them.

    Args:
        spine: rows of laps.
        race: the race.
        lap: which one; the one after each car's newest when None.

    Raises:
        ForecastError: the race has no such lap to forecast; says which it has.
    """
    own = spine[spine["race_id"] == race.race_id]
    if own.empty:
        raise ForecastError(f"the data hold no laps of {race.label}, {race.name}; name a race with laps.")
    if lap is None:
        rows = own.sort_values("lap").drop_duplicates("driver_id", keep="last")
        labels = ["the lap after each car's newest: at the end of a race it never came"] if race.run else []
    else:
        rows, labels = own[own["lap"] == lap], []
        if rows.empty:
            first, last = int(own["lap"].min()), int(own["lap"].max())
            raise ForecastError(f"{race.label} has laps {first} to {last} to forecast; found --lap {lap}.")
    return rows.sort_values("driver_id", ignore_index=True), labels
