"""The baseline that knows only the championship: how often did each place in the table finish in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(
    name="championship_order", needs=("championship_place",), slots=rank_slots("championship_place")
)
