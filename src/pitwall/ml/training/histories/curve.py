"""The curve of a fit: its loss on the rows that it learns from, round by round, and never on others."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pitwall.domain.ports import Tracker
from pitwall.domain.records.curves import NONE, PREFIX, ROUNDS, TAG


@dataclass
class Curve:
    """What was heard of one fit, by the name of the loss."""

    heard: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    def hear(self, loss: str, step: int, value: float) -> None:
        """Keep the loss after a round; one that is not finite is kept in no store of numbers."""
        if math.isfinite(value):
            self.heard.setdefault(loss, []).append((step, value))

    def log(self, run_id: str, tracker: Tracker, *, expected: bool) -> None:
        """Log what was heard as the history of a metric.

        Args:
            run_id: of the training.
            tracker: the run store.
            expected: the estimator learns in rounds; the run says so, and its checklist then asks for the curve.
        """
        for loss, values in self.heard.items():
            tracker.curve(run_id, f"{PREFIX}{loss}", values)
        tracker.tag(run_id, {TAG: ROUNDS if expected else NONE})
