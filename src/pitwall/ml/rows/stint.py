"""One row per set of tyres that a car has put on, at the end of the first lap on it.

Only then has the feed told the tyres; as the car left the pits, nobody could ask even a rule by compound. A set that came off at the end
of that very lap is no row: the car is seen in the pit lane before it crosses the line. The cut-off is the first microsecond after the
crossing, because features are joined strictly: what the crossing itself tells has happened. A row goes by the number of the stint.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, LAP, STINT
from pitwall.domain.racing.tyre_sets import first_laps
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE, Stage, as_utc
from pitwall.ml.rows._kind import RowKind


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    """Return a row per set.

    A lap counts as it was first told, so that a correction moves no row; a set whose first lap was told too late for anybody to ask at
    its end has none.
    """
    key = list(LAP)
    told = tables["laps"].sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    first = first_laps(told)
    rows = first.assign(cutoff=as_utc(first["event_timestamp"] + BEFORE))
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    return rows[rows["known_at"] <= rows[CUTOFF]].merge(races, on="race_id")


ROWS = RowKind(
    name="stint",
    nouns=("set of tyres", "sets of tyres"),
    key=STINT,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "stint", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id", "stint"),
    stages=(Stage.IN_RACE.value,),
    reads=("laps", "races"),
    make=_make,
    asked=1,
    newcomer="A newcomer has no past in the data and is forecast from the team and what the cut-off shows; so is a new team.",
    moment="the end of the first lap on the set",
)
