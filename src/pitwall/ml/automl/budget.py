"""Time of the processor, not of the wall: what else runs on the machine takes nothing from a search."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, field


def cpu_seconds() -> float:
    """Return the CPU seconds that this process, all of its threads, and its finished children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


class BudgetSpent(Exception):
    """The budget ran out in the middle of a candidate, which is dropped."""


@dataclass
class Budget:
    """CPU seconds from now on; `seconds` may be infinite."""

    seconds: float
    started: float = field(default_factory=cpu_seconds)

    @property
    def used(self) -> float:
        """The CPU seconds used so far."""
        return cpu_seconds() - self.started

    @property
    def left(self) -> float:
        """The CPU seconds that are left, 0 at least."""
        return max(0.0, self.seconds - self.used)

    def check(self) -> None:
        """Raise BudgetSpent where nothing is left."""
        if self.left <= 0:
            raise BudgetSpent
