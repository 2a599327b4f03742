"""How far behind the leader will the car be in five laps? Gaps are those on crossing the line; asked when a green lap ends, answered for the fifth lap after it where that is green, stops in between included."""

from __future__ import annotations

from functools import partial

from pitwall.domain.when import Stage
from pitwall.features.machinery.shared.green import READS
from pitwall.ml.families.regression import MEDIAN
from pitwall.ml.templates._laps import green_gaps
from pitwall.ml.templates._template import InColumn, Template

# Models start from that rule's gap: what they gain over a weaker one would be its merit and not theirs.
BEATEN = "gap_at_pace_5"
TEMPLATE = Template(
    name="gap_in_5",
    model="gap_in_5",
    question="How far behind the leader will the car be in five laps?",
    title="gap",
    unit="s",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=partial(green_gaps, laps=5),
    answer=InColumn(MEDIAN),
    loss="mae",
    metrics=("mae", "crps", "coverage_80", "coverage_95"),
    baselines=(BEATEN, "gap_trend_5", "gap_now"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
