"""The baseline "as it is": the gap to the leader stays what it was when the last lap ended."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="gap_now", column="gap_to_leader", models=("gap", "gap_in_5"))
