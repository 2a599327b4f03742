"""The baseline "as last time": as long as the median stop of the last race at the circuit."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="circuit_stops", column="circuit_stop_s", models=("pit_stop",))
