"""Does the car come into the pits within three laps? Asked at the end of every lap, under a safety car or in rain as well."""

from __future__ import annotations

from functools import partial

from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.green import READS
from pitwall.ml.families.binary import P
from pitwall.ml.templates._laps import stops_within
from pitwall.ml.templates._template import InColumn, Template

BEATEN = "tyre_age_rate"
TEMPLATE = Template(
    name="pit_within",
    model="pit_within",
    question="Does the car come into the pits within three laps?",
    title="P(stops)",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=partial(stops_within, laps=3),
    answer=InColumn(P),
    loss="brier",
    metrics=("brier", "log_loss", "auc", "brier_skill", "f1_optimal"),
    baselines=(BEATEN, "overall_rate"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
