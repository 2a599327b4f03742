"""The baseline "as expected": the median gap of cars that stood about as high by grid and running order of late; the stronger rule."""

from __future__ import annotations

from pitwall.ml.estimators.regression._classes import MedianOfClass

ESTIMATOR = MedianOfClass(
    name="gap_by_rank",
    signs={"grid": 1.0, "driver_running_rating": -1.0, "team_running_rating": -1.0},
    models=("gap_finish",),
)
