"""The baseline that knows only the ratings: how often did each rank of driver plus team finish in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rated_slots

NEEDS = ("driver_race_rating", "team_race_rating")
ESTIMATOR = SlotBaseline(name="rating", needs=NEEDS, slots=rated_slots(*NEEDS))
