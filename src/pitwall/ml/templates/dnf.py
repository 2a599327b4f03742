"""Does the car retire? It must be told better than by its team's own retirements so far, the strongest rule there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.racing.retirements import retirements
from pitwall.domain.when import Stage
from pitwall.ml.families.binary import P
from pitwall.ml.templates._template import InColumn, Template

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.tables import Tables


def _label(tables: Tables) -> pd.Series:
    return retirements(tables.only("results").as_of()["results"])


# Models start from that rule's rate: what they gain over a weaker one would be its merit and not theirs.
BEATEN = "team_retirements"
TEMPLATE = Template(
    name="dnf",
    model="dnf",
    question="Does the car retire?",
    title="P(retires)",
    stages=(Stage.PRE_RACE, Stage.PRE_WEEKEND),
    tables=("results",),
    label=_label,
    answer=InColumn(P),
    loss="brier",
    metrics=("brier", "log_loss", "auc", "pr_auc", "brier_skill"),
    baselines=(BEATEN, "team_rate", "driver_rate", "overall_rate"),
    baseline={Stage.PRE_RACE: BEATEN, Stage.PRE_WEEKEND: BEATEN},
)
