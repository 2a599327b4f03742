"""One row per lap of a race's leader, at the instant at which it has ended: for what is asked of the race and of no car."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, RACE_LAP
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.rows._kind import RowKind
from pitwall.ml.rows.machinery.leader_laps import leader_laps


def _make(tables: Tables, _stage: str) -> pd.DataFrame:
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    return leader_laps(tables).merge(races, on="race_id")


ROWS = RowKind(
    name="track_lap",
    nouns=("lap of a leader", "laps of leaders"),
    key=RACE_LAP,
    columns=("race_id", "circuit_id", "season", "round", "lap", CUTOFF),
    said=("race_id", "season", "round", "circuit_id", "lap"),
    stages=(Stage.IN_RACE.value,),
    reads=("laps", "races"),
    make=_make,
    asked=1,
    newcomer="A new circuit has no past in the data and is forecast from what all circuits share.",
    moment="the end of a lap of the leader",
)
