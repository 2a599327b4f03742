"""Who wins the race? P(win) is the first column of the order model's position distribution."""

from __future__ import annotations

from pitwall.ml.templates._order import top


def _cars(_season: int) -> int:
    return 1


TEMPLATE = top(
    _cars,
    name="race_winner",
    question="Who wins the race?",
    title="P(win)",
    loss="log_loss",
    metrics=("log_loss", "hit_rate", "brier"),
)
