"""Score the track record, and tell once when a test has come to a verdict. It promotes nobody: gates do."""

from __future__ import annotations

from datetime import datetime

from pitwall.domain.records.ab_races import declared
from pitwall.monitoring.sequential import UNDECIDED
from pitwall.workflows.ab.status import status_of
from pitwall.workflows.logbook.alerts import harmless
from pitwall.workflows.logbook.news import decided
from pitwall.workflows.record.score import Scored, score
from pitwall.workflows.workspace import Workspace


def score_and_tell(workspace: Workspace, now: datetime | None = None) -> Scored:
    """Add scores and missed forecasts to the track record, and raise an alert for each test whose verdict is reached.

    Args:
        workspace: of the project.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.
    """
    scored = score(workspace, now)
    with harmless("nobody was told how the tests of two versions stand"):
        rows = workspace.record.rows()
        for test in declared(rows):
            stands = status_of(rows, test)
            if stands.looks and stands.looks[-1].verdict != UNDECIDED:
                decided(workspace, test, stands.looks[-1].verdict, stands.said)
    return scored
