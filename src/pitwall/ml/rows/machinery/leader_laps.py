"""The instants at which a race's leader ends a lap: when everything that is asked of a whole race under way is asked.

The leader of a lap is the first car that was told to have completed it. The cut-off is the first microsecond after that crossing, because
features are joined strictly: what the crossing itself tells has happened.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, LAP
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, as_utc
from pitwall.features.machinery.shared.race_laps import completed_laps


def leader_laps(tables: Tables) -> pd.DataFrame:
    """Return `race_id`, `lap` and `cutoff` of every lap that a leader was told to have ended, sorted by race and lap.

    A lap counts as it was first told, so that a correction moves no row; one that was told too late for anybody to ask at its end is
    passed over.

    Args:
        tables: with all versions of `laps`.
    """
    key = list(LAP)
    told = tables["laps"].sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    ended = completed_laps(Tables({"laps": told}))
    ended = ended.assign(cutoff=as_utc(ended["event_timestamp"] + BEFORE))
    ended = ended[ended["known_at"] <= ended[CUTOFF]].sort_values(["race_id", "lap", "end_seconds", "driver_id"])
    return ended.drop_duplicates(["race_id", "lap"], ignore_index=True)[["race_id", "lap", CUTOFF]]
