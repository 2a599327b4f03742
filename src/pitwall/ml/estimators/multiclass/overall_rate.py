"""How often each class comes true: the rates of the training rows, newer seasons counting more."""

from pitwall.ml.estimators.multiclass._rule import RateRule

ESTIMATOR = RateRule("overall_rate")
