"""Who started the races that were run, and where they came in: what labels and outcomes of races are made of."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.tables import Tables


def starters(tables: Tables) -> pd.DataFrame:
    """Return the results of starters with `place` counted again among them (1 is best), by (race_id, driver_id)."""
    key = list(RACE_DRIVER)
    results = tables.only("results").as_of()["results"]
    started = results[results["started"]].copy()
    started["place"] = started.groupby("race_id")["place"].rank(method="first").astype("int64")
    return started.sort_values(key).set_index(key)


def at(known: pd.DataFrame | pd.Series, frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame | pd.Series:
    """Return what is known by key for each row of a frame, with the frame's index; null where nothing is."""
    rows = frame[key[0]] if len(key) == 1 else pd.MultiIndex.from_frame(frame[list(key)])
    return known.reindex(rows).set_axis(frame.index)
