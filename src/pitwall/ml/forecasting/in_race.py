"""Which rows a model that answers within races is asked about: the newest one of each car, or those of a number (a lap, a stop)."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import ForecastError
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.data.calendar import Race, find_race
from pitwall.ml.rows import RowKind

NEVER_CAME = "the lap after each car's newest: at the end of a race it never came"


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


def rows_asked(spine: pd.DataFrame, race: Race, kind: RowKind, number: int | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a race that are asked about, sorted by driver where they have one, and what must be said of them.

    Args:
        spine: rows of the kind.
        race: the race.
        kind: of the rows; the last part of its key counts them.
        number: which ones; the newest of each car when None.

    Raises:
        ForecastError: the race has no such row to forecast; says which it has.
    """
    own, (*who, counted) = spine[spine["race_id"] == race.race_id], kind.own
    if own.empty:
        raise ForecastError(f"the data hold no laps of {race.label}, {race.name}; name a race with laps.")
    if number is None:
        rows = own.sort_values(counted).drop_duplicates(["race_id", *who], keep="last")
        labels = [NEVER_CAME] if race.run and kind.name == "lap" else []
    else:
        rows, labels = own[own[counted] == number], []
        if rows.empty:
            first, last = int(own[counted].min()), int(own[counted].max())
            raise ForecastError(
                f"{race.label} has {kind.nouns[1]} {first} to {last} to forecast; found --{counted} {number}."
            )
    return rows.sort_values([*who, counted], ignore_index=True), labels
