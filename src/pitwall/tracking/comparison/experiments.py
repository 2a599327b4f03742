"""Experiments beside each other: how many runs each has, how many of them were completed, which they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.domain.ports import RunRecord

COMPLETED = "FINISHED"


@dataclass(frozen=True)
class Experiment:
    """One experiment; its runs are in the order in which they were given."""

    name: str
    runs: tuple[RunRecord, ...]

    @property
    def completed(self) -> int:
        """How many runs came to their end."""
        return sum(run.status == COMPLETED for run in self.runs)

    def row(self) -> dict[str, Any]:
        """Return the experiment as JSON."""
        ids = [run.run_id for run in self.runs]
        return {"experiment": self.name, "total": len(ids), "completed": self.completed, "run_ids": ids}


def experiments(records: Sequence[RunRecord]) -> list[Experiment]:
    """Return the experiments of some runs by name.

    Example:
        >>> [(each.name, each.completed) for each in experiments([RunRecord("1", "a", "FINISHED", "lab")])]
        [('lab', 1)]
    """
    held: dict[str, list[RunRecord]] = {}
    for record in records:
        held.setdefault(record.experiment, []).append(record)
    return [Experiment(name, tuple(held[name])) for name in sorted(held)]
