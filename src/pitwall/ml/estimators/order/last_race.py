"""The baseline that knows only the last race: how often did each place in it finish in each place of the next?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(name="last_race", needs=("driver_last_place",), slots=rank_slots("driver_last_place"))
