"""One row per car of a race and lap of its leader, at the instant at which the leader has ended that lap.

All cars of the race are asked about at once, wherever they are: that is what chances of the whole field need, which sum to one winner and
to three cars on the podium. A car that stopped long ago keeps its rows; what the feed no longer tells of it is in the features. Lap 0 is
the start of the race, when nothing but the grid is known.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, LAP, RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.rows._kind import RowKind, as_published
from pitwall.ml.rows.machinery.leader_laps import leader_laps


def _make(tables: Tables, _stage: str) -> pd.DataFrame:
    """Return the cars that were entered by the start, at lap 0 and at every lap of the leader."""
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round", "starts_at"]]
    laps = leader_laps(tables)
    begun = races[races["race_id"].isin(laps["race_id"])].rename(columns={"starts_at": CUTOFF})
    entered = as_published(tables["entries"].merge(begun, on="race_id"), list(RACE_DRIVER))
    under_way = entered.drop(columns=CUTOFF).merge(laps, on="race_id")
    return pd.concat([entered.assign(lap=0), under_way], ignore_index=True)


ROWS = RowKind(
    name="race_lap",
    nouns=("car at a lap of the leader", "cars at laps of the leader"),
    key=LAP,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "lap", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id", "lap"),
    stages=(Stage.IN_RACE.value,),
    reads=("entries", "laps", "races"),
    make=_make,
    asked=22,
    newcomer="A newcomer has no past in the data and is forecast from the team and what the cut-off shows; so is a new team.",
    moment="the end of a lap of the leader",
)
