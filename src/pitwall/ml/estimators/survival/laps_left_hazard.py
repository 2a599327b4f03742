"""How long sets last that were put on with about as many laps to go, drawn to all."""

from pitwall.ml.estimators.survival._rule import HazardRule

ESTIMATOR = HazardRule("laps_left_hazard", "laps_left", width=10)
