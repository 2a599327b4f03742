"""Does a safety car come out? It must be told better than by the safety cars of the years and of the circuit so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.racing.safety_cars import READS, out_so_far, safety_cars
from pitwall.domain.when import Stage
from pitwall.ml.families.binary import P
from pitwall.ml.templates._call import Call
from pitwall.ml.templates._template import InColumn, Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables


def _label(tables: Tables) -> pd.Series:
    return safety_cars(tables.only(*READS).as_of())


def _so_far(tables: Tables) -> pd.Series:
    return out_so_far(tables.only(*READS).as_of())


# Models start from that rule's rate: what they gain over a weaker one would be its merit and not theirs.
BEATEN = "circuit_safety_cars"
TEMPLATE = Template(
    name="safety_car",
    model="safety_car",
    question="Does a safety car come out?",
    title="P(safety car)",
    stages=(Stage.PRE_RACE,),
    tables=READS,
    label=_label,
    answer=InColumn(P),
    loss="brier",
    metrics=("brier", "log_loss", "auc", "pr_auc", "brier_skill", "precision", "recall", "f1", "macro_f1"),
    baselines=(BEATEN, "circuit_rate", "overall_rate"),
    baseline={Stage.PRE_RACE: BEATEN},
    call=Call(1.0, _so_far, READS),
)
