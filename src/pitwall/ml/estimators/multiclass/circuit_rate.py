"""How often each class comes true at the circuit, drawn to the overall rates."""

from pitwall.ml.estimators.multiclass._rule import RateRule

ESTIMATOR = RateRule("circuit_rate", key="circuit_id")
