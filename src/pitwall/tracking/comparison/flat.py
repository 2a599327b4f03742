"""Runs as the rows of one flat table, for files that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.table import duration

OWN = ("run_id", "name", "status", "experiment", "started", "ended", "duration_s")


def flat(record: RunRecord) -> dict[str, Any]:
    """Return a run as one row: its own fields, then `params.*`, `metrics.*` (the last values) and `tags.*`.

    Example:
        >>> row = flat(RunRecord("1", "a", "FINISHED", "lab", params={"lr": "0.1"}, metrics={"loss": 0.5}))
        >>> row["params.lr"], row["metrics.loss"]
        ('0.1', 0.5)
    """
    own = {key: getattr(record, key) for key in OWN[:-1]}
    return {
        **own,
        "duration_s": duration(record),
        **{f"params.{key}": value for key, value in record.params.items()},
        **{f"metrics.{key}": value for key, value in record.metrics.items()},
        **{f"tags.{key}": value for key, value in record.tags.items()},
    }


def columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the columns of a table of such rows: a run's own fields first, then the others by kind and name."""
    kinds = ("params.", "metrics.", "tags.")
    others = {name for row in rows for name in row} - set(OWN)
    return [*OWN, *sorted(others, key=lambda name: (next(n for n, k in enumerate(kinds) if name.startswith(k)), name))]
