"""One row per race of the calendar, at the stages before it."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, RACE
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage, cutoffs
from pitwall.ml.rows._kind import RowKind


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    races = tables.only("races").as_of()["races"]
    return races.assign(cutoff=cutoffs(races, Stage(stage)))


ROWS = RowKind(
    name="race",
    nouns=("race", "races"),
    key=RACE,
    columns=("race_id", "circuit_id", "season", "round", CUTOFF),
    said=("race_id", "season", "round", "circuit_id"),
    stages=tuple(CUTOFF_COLUMN),
    reads=("races",),
    make=_make,
    asked=1,
    newcomer="A new circuit has no past in the data and is forecast from what all circuits share.",
)
