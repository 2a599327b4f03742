"""Who wins the race? Asked at every lap of the leader, about all cars at once."""

from __future__ import annotations

from functools import partial

from pitwall.domain.when import Stage
from pitwall.ml.families.first_three import WIN
from pitwall.ml.templates._front import READS, finishes_within
from pitwall.ml.templates._template import InColumn, Template

BEATEN = "standing_frequency"
TEMPLATE = Template(
    name="race_winner_live",
    model="in_race",
    question="Who wins the race, as it stands now?",
    title="P(win)",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=partial(finishes_within, places=1),
    answer=InColumn(WIN),
    loss="log_loss",
    metrics=("log_loss", "brier", "pr_auc", "ece"),
    baselines=(BEATEN, "grid_kept"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
