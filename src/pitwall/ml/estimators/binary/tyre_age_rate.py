"""How often cars stop on tyres of that age, drawn to the overall rate."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("tyre_age_rate", "tyre_age", models=("pit_within",))
