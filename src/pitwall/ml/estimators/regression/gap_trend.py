"""The baseline "as it went": the gap to the leader changes on the next lap as it did on the last one."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="gap_trend", column="gap_to_leader", change="gap_change_1", models=("gap",))
