"""The baseline that knows only where a driver usually starts: how often did each rank of the mean grid come in each place?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(
    name="usual_grid", needs=("driver_grid_mean",), slots=rank_slots("driver_grid_mean"), models=("qualifying",)
)
