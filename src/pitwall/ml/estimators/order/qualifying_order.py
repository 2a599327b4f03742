"""The baseline that knows only qualifying, before penalties: how often did each place in it finish in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(name="qualifying_order", needs=("qualifying_place",), slots=rank_slots("qualifying_place"))
