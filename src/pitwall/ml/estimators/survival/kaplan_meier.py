"""How long sets last: Kaplan and Meier's curve of all rows."""

from pitwall.ml.estimators.survival._rule import HazardRule

ESTIMATOR = HazardRule("kaplan_meier")
