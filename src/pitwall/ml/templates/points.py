"""Who scores points? P(points) is the sum of the places that score in the race's season."""

from __future__ import annotations

from pitwall.domain.racing.championship import points_places
from pitwall.ml.templates._order import top

TEMPLATE = top(
    points_places,
    name="points",
    question="Who scores points?",
    title="P(points)",
    loss="brier",
    metrics=("brier", "overlap"),
)
