"""How much does rain matter in the race? It must be told better than by how often it has mattered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.racing.rain_impact import CLASSES, rain_impacts
from pitwall.domain.when import Stage
from pitwall.ml.families.multiclass import likeliest, unit_of
from pitwall.ml.templates._call import Call
from pitwall.ml.templates._template import Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables

READS = ("results", "laps")


def _label(tables: Tables) -> pd.Series:
    """Return the impact by race_id, of races that are over: laps of one under way say nothing yet."""
    newest = tables.only(*READS).as_of()
    over = newest["laps"]["race_id"].isin(newest["results"]["race_id"])
    return rain_impacts(newest["laps"][over]).rename("label")


BEATEN = "overall_rate"
TEMPLATE = Template(
    name="rain_impact",
    model="rain_impact",
    question="How much does rain matter in the race?",
    title="rain impact",
    unit=unit_of(CLASSES),
    stages=(Stage.PRE_RACE,),
    tables=("races", *READS),
    label=_label,
    answer=lambda predictions: likeliest(predictions, CLASSES),
    loss="log_loss",
    metrics=("log_loss", "rps", "brier", "macro_f1", "accuracy"),
    baselines=(BEATEN, "circuit_rate", "most_common"),
    baseline={Stage.PRE_RACE: BEATEN},
    call=Call(1.0, _label, READS),
)
