"""How often it happens at the circuit, drawn to the overall rate."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("circuit_rate", "circuit_id")
