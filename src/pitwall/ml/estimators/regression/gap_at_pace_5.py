"""The baseline "each at their pace": where five laps leave the gap if car and leader drive as they did; the strongest rule."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="gap_at_pace_5", column="gap_five_laps", models=("gap_in_5",))
