"""Tests of two versions that run now, in lines: who answers which share of the races, what may be said so far, and who was shown what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.domain.records.ab_races import declared
from pitwall.workflows.ab.exposures import exposures
from pitwall.workflows.ab.status import status_of
from pitwall.workflows.workspace import Workspace


def running(workspace: Workspace, rows: Sequence[dict[str, Any]], name: str) -> tuple[str, ...]:
    """Return a line for each test of a model that has not ended.

    Args:
        workspace: of the project.
        rows: of the record, as far as it is looked at.
        name: registered name.
    """
    tests = [test for test in declared(rows, name) if not test.ended]
    exposed, lines = exposures(workspace.project, tests), []
    for test in tests:
        found = status_of(rows, test)
        shown = exposed.get(test.hash, {})
        arms = ", ".join(
            f"{count} {arm} by version {version}" for arm, own in shown.items() for version, count in own.items()
        )
        lines.append(
            f"version {test.challenger} beside champion {test.champion}, which answers {1 - test.split:.0%} of the races: {found.said}; "
            f"races that count: {len(found.counted)}, that wait for a result: {len(found.waiting)}; answers of the API: {arms or 'none'}"
        )
    return tuple(lines)
