"""How often it happens to the team: counted by constructor, drawn to the overall rate."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("team_rate", "constructor_id")
