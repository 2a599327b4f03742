"""The baseline "as so far": as long as the median stop of the race, before the first one as at the circuit's last race."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="stops_so_far", column="stops_median_s", models=("pit_stop",))
