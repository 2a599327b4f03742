"""The baseline "as usual": the next green lap takes as long as the median of the last five did."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="median_of_five", column="green_median_5", models=("lap_time",))
