"""How far behind the winner does the car finish? Asked of every car, known of those that follow the winner on the lead lap.

The gap is that of the classification, time penalties included. A car that is lapped or retires has none, so the answer is what the gap
will be if the car stays on the lead lap; the winner's own is 0 by definition and no label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.when import Stage
from pitwall.ml.families.regression import MEDIAN
from pitwall.ml.templates._template import InColumn, Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables


def _label(tables: Tables) -> pd.Series:
    results = tables.only("results").as_of()["results"]
    rows = results[results["started"] & results["classified"]].sort_values([RACE_DRIVER[0], "place"])
    first = rows.groupby("race_id")[["place", "laps", "seconds"]].transform("first")
    behind = (rows["laps"] == first["laps"]) & (rows["place"] > first["place"])
    gap = (rows["seconds"] - first["seconds"]).where(behind)
    return gap.set_axis(rows.set_index(list(RACE_DRIVER)).index).rename("label")


BEATEN = "gap_by_rank"
TEMPLATE = Template(
    name="gap_finish",
    model="gap_finish",
    question="How far behind the winner does the car finish?",
    title="gap",
    unit="s",
    stages=(Stage.PRE_RACE,),
    tables=("results",),
    label=_label,
    answer=InColumn(MEDIAN),
    loss="mae",
    metrics=("mae", "crps", "coverage_80", "coverage_95"),
    baselines=(BEATEN, "gap_by_grid"),
    baseline={Stage.PRE_RACE: BEATEN},
)
