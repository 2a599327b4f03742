"""One row per race of the calendar and dry compound of its weekend, at the stages before it.

Which rubber the three are made of is announced with the race, and no table holds it: soft, medium and hard they are at every race.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.keys import CUTOFF, RACE_COMPOUND
from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage, cutoffs
from pitwall.ml.rows._kind import RowKind


def _make(tables: Tables, stage: str) -> pd.DataFrame:
    races = tables.only("races").as_of()["races"]
    races = races.assign(cutoff=cutoffs(races, Stage(stage)))
    return races.merge(pd.DataFrame({"compound_id": list(COMPOUNDS)}), how="cross")


ROWS = RowKind(
    name="race_compound",
    nouns=("compound", "compounds"),
    key=RACE_COMPOUND,
    columns=("race_id", "circuit_id", "season", "round", "compound_id", CUTOFF),
    said=("race_id", "season", "round", "circuit_id", "compound_id"),
    stages=tuple(CUTOFF_COLUMN),
    reads=("races",),
    make=_make,
    asked=len(COMPOUNDS),
    newcomer="A new circuit has no past in the data and is forecast from what all circuits share.",
    each={"compound_id": tuple(COMPOUNDS)},
)
