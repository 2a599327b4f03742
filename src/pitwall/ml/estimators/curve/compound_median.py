"""The baseline "as this compound usually": the median slope of earlier races on it."""

from __future__ import annotations

from pitwall.ml.estimators.curve._medians import MedianRule

ESTIMATOR = MedianRule(name="compound_median")
