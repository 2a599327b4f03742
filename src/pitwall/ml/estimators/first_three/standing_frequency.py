"""The baseline to beat within a race: how often did cars in that place, with that gap, at that distance, win and stand on the podium?"""

from __future__ import annotations

from pitwall.ml.estimators.first_three._frequency import FrequencyRule

ESTIMATOR = FrequencyRule(
    "standing_frequency",
    {
        "standing_place": (1.5, 2.5, 3.5, 4.5, 6.5, 10.5),
        "race_share_led": (0.1, 0.25, 0.4, 0.6, 0.75, 0.9),
        "standing_gap": (1.5, 4.0, 10.0, 20.0, 40.0),
    },
)
