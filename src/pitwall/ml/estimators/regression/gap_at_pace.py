"""The baseline "each at their pace": where the next lap leaves the gap if car and leader drive as they did; the strongest rule."""

from __future__ import annotations

from pitwall.ml.estimators.regression._rule import Repeats

ESTIMATOR = Repeats(name="gap_at_pace", column="gap_next_lap", models=("gap",))
