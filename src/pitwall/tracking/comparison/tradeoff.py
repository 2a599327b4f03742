"""Which runs are a good bargain: none of the others is better in quality and in everything that it costs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.named import known_names, named

USUAL = {"latency": ("inference.p95_ms", "latency_ms", "latency_p95_ms"), "size": ("model_size_mb", "size_mb")}
WORDS = {"latency": {"latency", "ms"}, "size": {"size"}}


def front_of(costs: np.ndarray) -> np.ndarray:
    """Return the numbers of the rows that no other row is at least as low in all columns and lower in one.

    Example:
        >>> front_of(np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 4.0]])).tolist()
        [0, 2]
    """
    better = (costs[:, None] <= costs[None]).all(axis=2) & (costs[:, None] < costs[None]).any(axis=2)
    return np.flatnonzero(~better.any(axis=0))


def cost_metric(kind: str, text: str | None, records: Sequence[RunRecord]) -> str | None:
    """Return the metric that a latency or a size is read from; None where no run tells one.

    Args:
        kind: `latency` or `size`.
        text: its name or the beginning of it; without it, a usual name, or the only one that says so by a word.
        records: the runs.

    Raises:
        UnknownName: no run has such a metric.
        UsageError: several say so by a word.
    """
    if text is not None:
        return named("metric", text, records)
    known = known_names("metric", records)
    if usual := next((name for name in USUAL[kind] if name in known), None):
        return usual
    found = [name for name in known if WORDS[kind] & set(re.split(r"[^a-z0-9]+", name.lower()))]
    if len(found) > 1:
        raise UsageError(f"{len(found)} metrics tell a {kind}: {', '.join(found)}; choose one with --{kind}.")
    return found[0] if found else None
