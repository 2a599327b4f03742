"""A server's flow runs in a list: planned once by their key, removed, closed, and never begun by themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pitwall.adapters.prefect.api import DEPLOYMENTS, ORDERED, FlowRun, Progress
from pitwall.domain.clock import wall


class FakeRuns:
    """Stands in for `PrefectApi`.

    Example:
        >>> from datetime import UTC
        >>> runs = FakeRuns()
        >>> runs.plan("race_weekend", "2024-08 after race", datetime(2024, 5, 19, 18, tzinfo=UTC), "a key")
        >>> runs.plan("race_weekend", "2024-08 after race", datetime(2024, 5, 19, 18, tzinfo=UTC), "a key")
        >>> [run.name for run in runs.all]
        ['2024-08 after race']
    """

    def __init__(self) -> None:
        self.all: list[FlowRun] = []
        self.why: dict[str, str] = {}
        self.started: dict[str, str] = {}

    def deployments(self) -> dict[str, str]:
        """Return all."""
        return {**DEPLOYMENTS, **ORDERED}

    def runs(
        self, states: Sequence[str], sort: str = "", most: int | None = None, of: Collection[str] = tuple(DEPLOYMENTS)
    ) -> list[FlowRun]:
        """Return runs of some flows in some states, in the order of their planning."""
        return [run for run in self.all if run.state in states and run.flow in of][:most]

    def run(self, number: str) -> Progress | None:
        """Return one, without steps."""
        found = [run for run in self.all if run.id == number]
        return Progress(found[0], self.why.get(found[0].name, ""), {}, ()) if found else None

    def plan(self, flow: str, name: str, at: datetime, key: str, note: str = "") -> None:
        """Plan one, once by its key."""
        if not key or key not in {run.key for run in self.all}:
            self.all.append(FlowRun(f"{name} {at}", name, flow, key, "SCHEDULED", at, None, None, False))

    def start(self, flow: str, parameters: Mapping[str, Any], name: str, key: str) -> str:
        """Let one wait for a worker, once by its key."""
        if key not in self.started:
            self.started[key] = str(UUID(int=len(self.all) + 1))
            self.all.append(FlowRun(self.started[key], name, flow, "", "SCHEDULED", wall(), None, None, False))
        return self.started[key]

    def started_as(self, key: str) -> str | None:
        """Return the id of the one that was started by a key."""
        return self.started.get(key)

    def log_lines(self, number: str, most: int) -> list[str]:
        """Return nothing: what never runs says nothing."""
        return []

    def remove(self, run: FlowRun) -> None:
        """Forget one."""
        self.all.remove(run)

    def close(self, run: FlowRun, state: str, why: str) -> None:
        """End one and remember why."""
        self.change(run, state=state)
        self.why[run.name] = why

    def cancelling(self, number: str, why: str) -> None:
        """Let one know that it is to end."""
        run = next(run for run in self.all if run.id == number)
        self.change(run, state="CANCELLING")
        self.why[run.name] = why

    def change(self, run: FlowRun, state: str, began: datetime | None = None) -> None:
        """Let one begin or end."""
        self.all[self.all.index(run)] = replace(run, state=state, began=began or run.began)

    def weekly(self, due: datetime) -> None:
        """Let the server plan one by the weekly line."""
        self.all.append(FlowRun(f"weekly {due}", "odd-name", "race_weekend", "", "SCHEDULED", due, None, None, True))
