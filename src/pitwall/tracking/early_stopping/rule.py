"""The rule: stop when `patience` values in a row were no improvement on the best one.

A value that is not a number, or not finite, is no improvement and never the best: a training that has diverged is stopped
after `patience` such values, whatever came before.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from pitwall.domain.errors import UsageError
from pitwall.tracking.early_stopping.direction import Mode, mode_of


@dataclass
class EarlyStopping:
    """Watches the values of one metric, as they come.

    Attributes:
        patience: how many values in a row may be no improvement.
        mode: `min` where less is better, `max` where more is.
        min_delta: an improvement is better than the best by more than this.
        warmup: no stop within so many first values; the best of them counts all the same.
        best: the best value so far, None before a finite one.
        best_at: its number, from 0.
        seen: how many values came.

    Example:
        >>> stopping = EarlyStopping(patience=2)
        >>> [stopping(loss) for loss in (0.9, 0.5, 0.6, 0.5)]
        [False, False, False, True]
        >>> stopping.best, stopping.best_at
        (0.5, 1)
    """

    patience: int = 10
    mode: Mode = "min"
    min_delta: float = 0.0
    warmup: int = 0
    best: float | None = field(default=None, init=False)
    best_at: int = field(default=-1, init=False)
    seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing.

        Raises:
            UnknownName: the mode is neither min nor max.
            UsageError: patience is below 1, or another number below 0.
        """
        mode_of("", self.mode)
        if self.patience < 1 or self.warmup < 0 or not self.min_delta >= 0:
            raise UsageError(
                f"found patience {self.patience}, warmup {self.warmup}, min_delta {self.min_delta}; patience is 1 or more, "
                "the others 0 or more."
            )

    def __call__(self, value: float) -> bool:
        """Take the next value; return whether to stop."""
        value = float(value)
        if math.isfinite(value) and self._improves(value):
            self.best, self.best_at = value, self.seen
        self.seen += 1
        return self.seen > self.warmup and self.waited >= self.patience

    @property
    def waited(self) -> int:
        """How many values came since the best one."""
        return self.seen - 1 - self.best_at

    def _improves(self, value: float) -> bool:
        if self.best is None:
            return True
        gain = self.best - value if self.mode == "min" else value - self.best
        return gain > self.min_delta


def should_stop(values: Iterable[float], stopping: EarlyStopping) -> bool:
    """Return what a fresh rule says after the last of some values; none at all are no reason to stop."""
    verdict = False
    for value in values:
        verdict = stopping(value)
    return verdict
