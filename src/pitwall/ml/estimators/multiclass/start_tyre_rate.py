"""How often each class comes true for cars that start on such tyres: the rule of who plans a race by its first tyres."""

from pitwall.ml.estimators.multiclass._rule import RateRule

ESTIMATOR = RateRule("start_tyre_rate", feature="start_tyre", models=("pit_window",))
