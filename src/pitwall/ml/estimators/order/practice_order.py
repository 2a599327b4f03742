"""The baseline that knows only practice: how often did each rank by the best practice lap so far come in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(
    name="practice_order", needs=("practice_gap_pct",), slots=rank_slots("practice_gap_pct"), models=("qualifying",)
)
