"""The baseline "as the lap before": the next green lap takes as long as the newest one did."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="last_lap", column="green_last_s", models=("lap_time",))
