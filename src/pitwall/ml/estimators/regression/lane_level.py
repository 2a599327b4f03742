"""The baseline "as the lane": earlier races there and the stops of this race so far say together how long a stop takes."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="lane_level", column="lane_level_s", models=("pit_stop",))
