"""How long sets of that compound last, drawn to all."""

from pitwall.ml.estimators.survival._rule import HazardRule

ESTIMATOR = HazardRule("compound_hazard", "set_compound")
