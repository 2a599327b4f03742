"""How often it happens at all: the rate of the training rows, newer seasons counting more."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("overall_rate")
