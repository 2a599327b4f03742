"""The baseline "as from the grid": the median gap of cars that started from about that slot."""

from __future__ import annotations

from pitwall.ml.estimators.regression._classes import MedianOfClass

ESTIMATOR = MedianOfClass(name="gap_by_grid", signs={"grid": 1.0}, models=("gap_finish",))
