"""Hold a run against the reproducibility checklists, item by item: passed, not asked of such a run, or missing and what to do.

Every item looks at the run itself, never at a promise: at fields of its manifest, at its files and numbers, and at the
project's files where the item is about the project.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pitwall.domain.ports import RunReader, RunRecord
from pitwall.domain.project import Project
from pitwall.tracking.checklists.evidence import Evidence, gather
from pitwall.tracking.checklists.items import CHECKLIST


@dataclass(frozen=True)
class ItemResult:
    """One item's verdict; `todo` is empty when it passed, or cannot apply to such a run and is not asked."""

    item: str
    topic: str
    asks: str
    passed: bool
    todo: str
    asked: bool = True

    @property
    def verdict(self) -> str:
        """The verdict in a word or two."""
        return "passed" if self.passed else "MISSING" if self.asked else "not asked"

    def row(self) -> dict[str, Any]:
        """Return the finding as a JSON row."""
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """The findings on one run."""

    run_id: str
    name: str
    findings: tuple[ItemResult, ...]

    @property
    def missing(self) -> list[ItemResult]:
        """The findings that were asked and did not pass."""
        return [finding for finding in self.findings if finding.asked and not finding.passed]

    def row(self) -> dict[str, Any]:
        """Return the report as JSON."""
        rows = [finding.row() for finding in self.findings]
        return {"run": self.run_id, "name": self.name, "complete": not self.missing, "items": rows}


def lint(runs: RunReader, record: RunRecord, project: Project) -> Report:
    """Return the report on a run of a project."""
    return Report(record.run_id, record.name, tuple(judge(gather(runs, record, project))))


def judge(evidence: Evidence) -> list[ItemResult]:
    """Return a finding for every item of the checklist, in its order."""
    found = []
    for item in CHECKLIST:
        passed = item.check(evidence)
        asked = passed or item.asked(evidence)
        todo = item.todo if isinstance(item.todo, str) else item.todo(evidence)
        found.append(ItemResult(item.name, item.topic, item.asks, passed, "" if passed or not asked else todo, asked))
    return found
