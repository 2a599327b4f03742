"""What to make up for when runs were missed: of each flow one run at most, and none for a session that has begun.

A forecast that is made after its session is worth nothing, so it is left to the track record, which enters it as missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pitwall.workflows.schedule.planned import FULL, LIGHT, LOOK, PlannedRun

COVERS = {FULL: (FULL, LIGHT), LIGHT: (LIGHT,), LOOK: (LOOK,)}  # what a run of a flow does along


@dataclass(frozen=True)
class Done:
    """A run that came to its end: of which flow, and when it began to look at the world."""

    flow: str
    began: datetime


def missed(planned: Iterable[PlannedRun], done: Iterable[Done], now: datetime) -> list[PlannedRun]:
    """Return the missed runs to make up for, the quick one first, the look last: the newest of each flow stands for all of them.

    Args:
        planned: runs that did not happen; those that are not due yet are left alone.
        done: runs that happened.
        now: the present instant.
    """
    seen = list(done)
    late = [run for run in planned if run.at <= now and not covered(run, seen)]
    in_time = [run for run in late if run.before is None or run.before > now]
    newest = {run.flow: run for run in sorted(in_time, key=lambda run: run.at)}
    return [newest[flow] for flow in (LIGHT, FULL, LOOK) if flow in newest]


def covered(run: PlannedRun, done: Iterable[Done]) -> bool:
    """Return whether a run that began at its instant or later has done its work."""
    return any(run.flow in COVERS[each.flow] and each.began >= run.at for each in done)
