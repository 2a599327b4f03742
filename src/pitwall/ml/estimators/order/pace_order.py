"""The baseline that knows only fastest laps so far: how often did each rank of driver plus team come in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rated_slots

NEEDS = ("driver_pace_rating", "team_pace_rating")
ESTIMATOR = SlotBaseline(name="pace_order", needs=NEEDS, slots=rated_slots(*NEEDS), models=("fastest_lap",))
