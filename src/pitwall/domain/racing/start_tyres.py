"""The tyres that cars stand on before the start: told by the laps, public before them.

The regulations want wheels on every car at the five-minute signal, and cameras show them. The feed tells a set with its laps alone, and
those are known too late to forecast with. So the set of the first stint is a table of its own, known since that signal: by rule, like
the grid of results. A car that changes tyres between signal and start (on a formation lap in the rain) is told by what it started on.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.racing.tyres import told

SIGNAL = -300.0  # s of the race clock: wheels must be on
CAR = ["race_id", "driver_id"]


def start_tyres(laps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per car of whose first stint a tyre is told: compound, laps driven on the set before, and whether it was new.

    Args:
        laps: with the columns of the canonical table, one version per lap.
    """
    first = (laps["stint"] == 1) | (laps["lap"] == 1)  # the feed of 2018 numbers stints from lap 2 on
    named = laps[first & told(laps["compound"])]
    rows = named.sort_values([*CAR, "lap"]).drop_duplicates(CAR, ignore_index=True)
    before = (rows["tyre_laps"].astype("float64") - rows["lap"]).clip(lower=0.0)
    return rows.assign(seconds=SIGNAL, tyre_laps=before)
