"""Keep a Prefect server's flow runs to what the calendar asks for, and make up for what was missed.

Every planned run has a key made of its name and instant, so planning twice plans once; one that the calendar asks for no longer is removed.
Who makes up for missed runs does so before a worker begins: then no run can be at work, and one that seems to be is one that was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pitwall.adapters.prefect.api import ENDED, OPEN, SCHEDULED, FlowRun
from pitwall.domain.tables import load_tables
from pitwall.workflows.schedule.missed import Done, covered, missed
from pitwall.workflows.schedule.planned import PlannedRun, planned
from pitwall.workflows.workspace import Workspace

WEEKLY = "the weekly run"
AGAIN = ", made up for"
LATE = timedelta(days=7)  # the calendar of a week ago tells what late runs were for
RECENT = 50  # runs that ended, of which the newest tell what has been done


class Runs(Protocol):
    """Flow runs on a server; `PrefectApi` is one."""

    def deployments(self) -> dict[str, str]:
        """Return ids by flow."""

    def runs(self, states: Sequence[str], sort: str = ..., most: int | None = ...) -> list[FlowRun]:
        """Return runs in some states."""

    def plan(self, flow: str, name: str, at: datetime, key: str, note: str = ...) -> None:
        """Plan one, once by its key."""

    def remove(self, run: FlowRun) -> None:
        """Forget one."""

    def close(self, run: FlowRun, state: str, why: str) -> None:
        """End one."""


@dataclass(frozen=True)
class Agenda:
    """The runs to come, how many of them were added, and how many others were removed."""

    to_come: tuple[PlannedRun, ...]
    added: int
    removed: int


def follow(workspace: Workspace, runs: Runs, now: datetime) -> Agenda:
    """Plan what the calendar asks for from now on and is not planned yet, and remove what it asks for no longer."""
    wanted = {run.key: run for run in _calendar(workspace, now)}
    there = {run.key: run for run in runs.runs(SCHEDULED) if run.key and run.due > now}
    gone = [run for key, run in there.items() if key not in wanted]
    new = [run for key, run in wanted.items() if key not in there]
    for run in gone:
        runs.remove(run)
    for each in new:
        runs.plan(each.flow, each.name, each.at, each.key, each.note)
    return Agenda(tuple(wanted.values()), len(new), len(gone))


def make_up(workspace: Workspace, runs: Runs, now: datetime) -> tuple[str, ...]:
    """Let one run of each flow begin at once for those that were missed or cut off; return what for.

    Only while no worker is at work.
    """
    ended = runs.runs(ENDED, "START_TIME_DESC", RECENT)
    late = [run for run in runs.runs(SCHEDULED) if run.due <= now and (run.key or run.weekly)]
    cut = runs.runs(OPEN)
    crashed = [*cut, *(run for run in ended if run.state == "CRASHED")]
    plan = {run.key: run for run in _calendar(workspace, now - LATE)}
    lost = [found for run in (*late, *crashed) if (found := _asked_for(run, plan)) is not None]
    again = missed(lost, _done(ended), now)
    for second, each in enumerate(again):  # the worker takes the earlier one first
        at = now + timedelta(seconds=second)
        runs.plan(each.flow, f"{each.name}{AGAIN}", at, f"{each.key}{AGAIN} at {now.isoformat()}", each.note)
    for run in cut:
        runs.close(run, "CRASHED", "its worker ended before it did")
    for run in late:
        runs.close(run, "CANCELLED", "missed; one run of each flow makes up for all that can still be made up for")
    return tuple(each.name for each in again)


def drop_covered(runs: Runs, done: Done) -> int:
    """Cancel the late runs whose work a run has just done; return how many."""
    late = [run for run in runs.runs(SCHEDULED) if run.key or run.weekly]
    gone = [run for run in late if covered(PlannedRun(run.name, run.flow, run.due), [done])]
    for run in gone:
        runs.close(run, "CANCELLED", f"done by a run of {done.flow} that began later")
    return len(gone)


def _done(ended: Iterable[FlowRun]) -> list[Done]:
    return [Done(run.flow, run.began) for run in ended if run.state == "COMPLETED" and run.began is not None]


def _asked_for(run: FlowRun, plan: Mapping[str, PlannedRun]) -> PlannedRun | None:
    """Return the planned run that a flow run was; None for one by hand, or that the calendar asks for no longer."""
    key = run.key.partition(AGAIN)[0]
    if key in plan:
        return plan[key]
    return PlannedRun(WEEKLY, run.flow, run.due) if run.weekly or key.startswith(WEEKLY) else None


def _calendar(workspace: Workspace, since: datetime) -> list[PlannedRun]:
    """Return what the calendar asks for since an instant; nothing before there is a calendar."""
    if not (workspace.project.tables / "races.parquet").is_file():
        return []
    return planned(load_tables(workspace.project.tables, ["races"]), workspace.params, since)
