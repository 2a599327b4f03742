"""When does the car stop for the first time? It must be told better than by how cars on such tyres have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.racing.first_stops import CAR, CLASSES, READS, first_stops, windows
from pitwall.domain.when import Stage
from pitwall.ml.families.multiclass import likeliest, unit_of
from pitwall.ml.templates._call import Call
from pitwall.ml.templates._template import Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables


def _label(tables: Tables) -> pd.Series:
    stops = first_stops(tables.only(*READS).as_of())
    return windows(stops.set_index(CAR)["share"]).rename("label")


BEATEN = "start_tyre_rate"
TEMPLATE = Template(
    name="pit_window",
    model="pit_window",
    question="When does the car make its first stop?",
    title="first stop",
    unit=unit_of(CLASSES),
    stages=(Stage.PRE_RACE,),
    tables=("races", *READS),
    label=_label,
    answer=lambda predictions: likeliest(predictions, CLASSES),
    loss="log_loss",
    metrics=("log_loss", "rps", "brier", "macro_f1", "accuracy"),
    baselines=(BEATEN, "circuit_rate", "overall_rate", "most_common"),
    baseline={Stage.PRE_RACE: BEATEN},
    call=Call(0.5, _label, READS),
)
