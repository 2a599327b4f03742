"""The baseline "as it went": the gap to the leader changes on each of five laps as it did on the last one."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="gap_trend_5", column="gap_to_leader", change="gap_change_1", times=5.0, models=("gap_in_5",))
