"""Who stands on the podium? P(podium) is the sum of the first three places of the order model's distribution."""

from __future__ import annotations

from pitwall.domain.racing.championship import PODIUM
from pitwall.ml.templates._order import top


def _cars(_season: int) -> int:
    return PODIUM


TEMPLATE = top(
    _cars,
    name="podium",
    question="Who stands on the podium?",
    title="P(podium)",
    loss="brier",
    metrics=("brier", "overlap"),
)
