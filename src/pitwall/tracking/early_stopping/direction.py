"""Whether a metric is better when it is higher or lower: as said, or by the words of its name, never by a guess."""

from __future__ import annotations

import re
from typing import Literal

from pitwall.domain.errors import UnknownName, UsageError

Mode = Literal["min", "max"]
MODES: tuple[Mode, ...] = ("min", "max")
LOWER = frozenset(
    [
        "brier",
        "crps",
        "deviance",
        "ece",
        "error",
        "latency",
        "logloss",
        "loss",
        "mae",
        "mse",
        "ms",
        "nll",
        "perplexity",
        "rmse",
        "rps",
        "seconds",
        "time",
    ]
)
HIGHER = frozenset(["acc", "accuracy", "auc", "coverage", "f1", "hit", "precision", "r2", "recall", "score", "skill"])


def mode_of(metric: str, mode: str | None = None) -> Mode:
    """Return `min` where lower is better, `max` where higher is.

    Args:
        metric: its name; `log_loss`, `lap_time` and `val/accuracy` say by a word of theirs which way is better.
        mode: `min` or `max`; decides where it is given.

    Raises:
        UnknownName: the mode is neither.
        UsageError: no mode is given and the name says nothing, or both.

    Example:
        >>> mode_of("val/log_loss"), mode_of("accuracy"), mode_of("downforce", "max")
        ('min', 'max', 'max')
    """
    if mode is not None:
        for known in MODES:
            if mode == known:
                return known
        raise UnknownName("mode", mode, MODES)
    words = set(re.split(r"[^a-z0-9]+", metric.lower()))
    lower, higher = bool(words & LOWER), bool(words & HIGHER)
    if lower == higher:
        raise UsageError(
            f'the name of {metric!r} does not say whether less or more is better; say mode="min" or "max".'
        )
    return "min" if lower else "max"
