"""One row per lap that a car is about to begin, at the instant at which it has ended the lap before.

Whether the lap comes, and what becomes of it, is not known then: so every completed lap has a row for the one after it, also the last
one before the flag or a retirement. The cut-off is the first microsecond after the crossing, because features are joined
strictly: what the crossing itself tells has happened, and what follows it has not.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, LAP
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, Stage, as_utc
from pitwall.features.machinery.shared.race_laps import completed_laps
from pitwall.ml.rows._kind import RowKind


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    """Return a row per completed lap, for the lap after it.

    A lap counts as it was first told, so that a correction moves no row; one that was told too late for anybody to ask at its
    end has none.
    """
    key = list(LAP)
    told = tables["laps"].sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    ended = completed_laps(Tables({"laps": told}))
    rows = ended.assign(lap=ended["lap"] + 1, cutoff=as_utc(ended["event_timestamp"] + BEFORE))
    rows = rows[rows["known_at"] <= rows[CUTOFF]]
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    return rows.merge(races, on="race_id")


ROWS = RowKind(
    name="lap",
    nouns=("lap", "laps"),
    key=LAP,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "lap", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id", "lap"),
    stages=(Stage.IN_RACE.value,),
    reads=("laps", "races"),
    make=_make,
    asked=1,
    newcomer="A newcomer has no past in the data and is forecast from the team and what the cut-off shows; so is a new team.",
)
