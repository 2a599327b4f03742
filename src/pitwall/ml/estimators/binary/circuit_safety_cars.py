"""How often safety cars have come out at the circuit and everywhere, up to the race itself: the strongest rule there is on them."""

from pitwall.ml.estimators.binary._rule import RateRule

ESTIMATOR = RateRule("circuit_safety_cars", "circuit_id", ("safety_car_chance",), ("safety_car",))
