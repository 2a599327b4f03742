"""Who finishes on the podium? Asked at every lap of the leader, of the same answer that tells who wins."""

from __future__ import annotations

from functools import partial

from pitwall.domain.when import Stage
from pitwall.ml.families.first_three import PODIUM
from pitwall.ml.templates._front import READS, finishes_within
from pitwall.ml.templates._template import InColumn, Template

BEATEN = "standing_frequency"
TEMPLATE = Template(
    name="podium_live",
    model="in_race",
    question="Who finishes on the podium, as it stands now?",
    title="P(podium)",
    stages=(Stage.IN_RACE.value,),
    tables=READS,
    label=partial(finishes_within, places=3),
    answer=InColumn(PODIUM),
    loss="brier",
    metrics=("brier", "log_loss", "pr_auc", "ece"),
    baselines=(BEATEN, "grid_kept"),
    baseline={Stage.IN_RACE.value: BEATEN},
)
