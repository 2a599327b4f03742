"""The forecast of before the race, kept: how often did each starting slot win and stand on the podium? It knows nothing of the race."""

from __future__ import annotations

from pitwall.ml.estimators.first_three._frequency import FrequencyRule

ESTIMATOR = FrequencyRule("grid_kept", {"grid": (1.5, 2.5, 3.5, 4.5, 6.5, 10.5, 15.5)})
