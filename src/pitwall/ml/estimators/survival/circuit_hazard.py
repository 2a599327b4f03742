"""How long sets last at the circuit, drawn to all."""

from pitwall.ml.estimators.survival._rule import HazardRule

ESTIMATOR = HazardRule("circuit_hazard", "circuit_id")
