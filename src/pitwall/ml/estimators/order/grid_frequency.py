"""The baseline to beat at pre_race: how often did each starting slot finish in each place in earlier seasons?"""

from __future__ import annotations

from pitwall.ml.estimators.order._slots import SlotBaseline, rank_slots

ESTIMATOR = SlotBaseline(name="grid_frequency", needs=("grid",), slots=rank_slots("grid"))
