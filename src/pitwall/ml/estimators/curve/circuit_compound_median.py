"""The baseline "as it was here": the median slope of the compound at the circuit, drawn to that of the compound anywhere."""

from __future__ import annotations

from pitwall.ml.estimators.curve._medians import MedianRule

ESTIMATOR = MedianRule(name="circuit_compound_median", weight=2.0)
