"""How often the team has retired up to the race itself: the strongest rule there is on who drops out."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("team_retirements", "constructor_id", ("team_retirement_rate",), ("dnf",))
