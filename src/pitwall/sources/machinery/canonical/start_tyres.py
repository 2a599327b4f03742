"""The tyres that cars stand on before the start: told by the laps, public before them.

The regulations want wheels on every car at the five-minute signal, and cameras show them. The feed tells a set with the first lap
alone, which is known too late to forecast with. So the set of lap 1 is a table of its own, known since that signal: by rule, like
the grid of results. A car that changes tyres between signal and start (on a formation lap in the rain) is told by what it started on.
"""

from __future__ import annotations

import pandas as pd

SIGNAL = -300.0  # s of the race clock: wheels must be on
UNKNOWN = "UNKNOWN"


def start_tyres(laps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per car whose tyre on lap 1 is told: compound, laps driven on the set before, and whether it was new.

    Args:
        laps: with the columns of the canonical table.
    """
    rows = laps[(laps["lap"] == 1) & laps["compound"].notna() & (laps["compound"] != UNKNOWN)]
    before = (rows["tyre_laps"].astype("float64") - 1.0).clip(lower=0.0)
    return rows.assign(seconds=SIGNAL, tyre_laps=before).reset_index(drop=True)
