"""One row per car entered in a race, at the stages before it."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage, cutoffs
from pitwall.ml.rows._kind import RowKind, as_published


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    races = tables.only("races").as_of()["races"]
    races = races.assign(cutoff=cutoffs(races, Stage(stage)))[["race_id", "circuit_id", "season", "round", CUTOFF]]
    return as_published(tables["entries"].merge(races, on="race_id"), list(RACE_DRIVER))


ROWS = RowKind(
    name="race_driver",
    nouns=("car", "cars"),
    key=RACE_DRIVER,
    columns=("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round", CUTOFF),
    said=("race_id", "season", "round", "driver_id", "constructor_id"),
    stages=tuple(CUTOFF_COLUMN),
    reads=("entries", "races"),
    make=_make,
    asked=22,
    newcomer="A newcomer has no past in the data and is forecast from the team and what the cut-off shows; so is a new team.",
)
