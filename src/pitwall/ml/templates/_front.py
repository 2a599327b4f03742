"""What questions about the front of a race under way share: the cars that finish there, at every lap of the leader."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import LAP
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import starters

READS = ("laps", "results")


def finishes_within(tables: Tables, places: int) -> pd.Series:
    """Return whether a starter finishes among the first `places`, by (race_id, driver_id, lap): at lap 0 and each lap that was led.

    Args:
        tables: with `READS`.
        places: 1 for the winner.
    """
    cars = starters(tables)["place"].le(places).rename("label").reset_index()
    laps = tables.only("laps").as_of()["laps"]
    led = laps.loc[laps["completed"], ["race_id", "lap"]].drop_duplicates()
    start = led[["race_id"]].drop_duplicates().assign(lap=0)
    rows = cars.merge(pd.concat([start, led]), on="race_id")
    return rows.sort_values(list(LAP)).set_index(list(LAP))["label"]
