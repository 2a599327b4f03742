"""One row per entry into the pit lane, at the instant at which the car enters it.

What is known then is that this car has come in, and how often it has; not why, not whether it will leave again, and nothing of the lap
that it is about to end. So every entry has a row: of a car that retires in its box, under a red flag, behind a safety car that leads the
field through the pit lane. Which of them were stops is a matter of the question's label. The clock of the entry stands in the lap that
ends a few seconds later, so a row is made of laps that were told live, each as it was first told: a correction moves no row.

Entries are known from 2018 on, when laps are. The official list of stops goes back to 2011, but tells no instant of the race clock.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, STOP
from pitwall.domain.racing.pit_stops import entries
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage, as_utc
from pitwall.ml.rows._kind import RowKind


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    """Return a row per entry; the end of its lap and the race clock say when it was."""
    rows = entries(tables["laps"])
    rows = rows[rows["known_at"] <= rows["event_timestamp"]]
    before_the_end = pd.to_timedelta(((rows["end_seconds"] - rows["pit_in_seconds"]) * 1000).round(), unit="ms")
    races = tables.only("races").as_of()["races"][["race_id", "circuit_id", "season", "round"]]
    return rows.assign(cutoff=as_utc(rows["event_timestamp"] - before_the_end)).merge(races, on="race_id")


ROWS = RowKind(
    name="stop",
    nouns=("pit stop", "pit stops"),
    key=STOP,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", "stop", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id", "stop"),
    stages=(Stage.IN_RACE.value,),
    reads=("laps", "races"),
    make=_make,
    asked=1,
    newcomer="A new circuit has no past in the data and is forecast from the stops of the race so far; so is a new team.",
    moment="the entry of the pit lane",
)
