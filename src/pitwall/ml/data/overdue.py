"""Which results are overdue: those of races that should be over by the newest instant at which anything observed became known.

No clock is asked. Data may be years old, and a forecast made from them again must be the same forecast.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.domain.when import hours

OBSERVED = ("qualifying", "practice", "grid", "results", "laps")


def newest_observation(tables: Tables) -> pd.Timestamp:
    """Return when the newest of what was observed (a session, a correction by a later snapshot) became known."""
    return max(tables[name]["known_at"].max() for name in OBSERVED if name in tables)


def overdue_days(tables: Tables, starts: pd.Series, time: TimeParams) -> pd.Series:
    """Return for how many days the results of races have been due, negative while they are not.

    Args:
        tables: with some of `OBSERVED`.
        starts: the starts of the races.
        time: the time rules.
    """
    due = starts + hours(time.race_lasts_h + time.race_known_after_h)
    return (newest_observation(tables) - due) / pd.Timedelta(days=1)
