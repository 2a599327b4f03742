"""How long does the next lap take? Asked when a green lap ends, answered for the lap after it where that is green, too."""

from __future__ import annotations

from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.green import READS
from pitwall.ml.families.regression import MEDIAN
from pitwall.ml.templates._laps import next_green_laps
from pitwall.ml.templates._template import InColumn, Template

TEMPLATE = Template(
    name="lap_time",
    model="lap_time",
    question="How long does the next lap take?",
    title="lap time",
    unit="s",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=next_green_laps,
    answer=InColumn(MEDIAN),
    loss="mae",
    metrics=("mae", "crps", "coverage_80", "coverage_95"),
    baselines=("last_lap", "median_of_five"),
    baseline={Stage.IN_RACE.value: "last_lap"},
)
