"""How often it happens to the driver, drawn to the overall rate."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("driver_rate", "driver_id")
