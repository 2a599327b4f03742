"""What an audit says: findings that name the feature, the rows and the reason, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pandas as pd

from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.replay import Violation

Level = Literal["finding", "warning"]
EVERY = "every feature"


@dataclass(frozen=True)
class Finding:
    """One feature that one check objects to.

    Attributes:
        check: which check.
        level: a "finding" is a leak; a "warning" is worth a look.
        group: the feature group, or the model.
        feature: the feature; "every feature" where whole rows are wrong.
        rows: how many rows show it.
        example: one of them, or the numbers of a statistic.
        reason: what is wrong, in words.
    """

    check: str
    level: Level
    group: str
    feature: str
    rows: int
    example: dict[str, Any]
    reason: str

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {value}" for name, value in self.example.items())
        return f"{self.check}: {self.group}.{self.feature}: {self.rows} rows {self.reason} ({shown})"


@dataclass(frozen=True)
class Report:
    """What an audit found: `asked` holds each (check, group) that was tried, `found` what they object to."""

    asked: tuple[tuple[str, str], ...]
    found: tuple[Finding, ...]
    looked_at: dict[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        """The leaks."""
        return [each for each in self.found if each.level == "finding"]

    @property
    def warnings(self) -> list[Finding]:
        """What is worth a look."""
        return [each for each in self.found if each.level == "warning"]

    def verdicts(self) -> dict[tuple[str, str], str]:
        """Return "passed", "warning" or "LEAK" of each check and group, in the order in which they were tried."""
        said = dict.fromkeys(self.asked, "passed")
        said |= {(each.check, each.group): "warning" for each in self.warnings}
        return said | {(each.check, each.group): "LEAK" for each in self.findings}

    def json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        rows = [{"check": check, "group": group, "verdict": said} for (check, group), said in self.verdicts().items()]
        return {**self.looked_at, "rows": rows, "found": [asdict(each) for each in self.found]}


def from_violations(check: str, group: FeatureGroup, violations: Iterable[Violation]) -> list[Finding]:
    """Return one finding per feature and reason, with the rows of all instants and the first example."""
    merged: dict[tuple[str, str], Finding] = {}
    for each in violations:
        feature = EVERY if each.feature == "row" else each.feature
        before = merged.get((feature, each.reason))
        example = before.example if before else {"instant": _short(each.instant), **each.example}
        rows = each.rows + (before.rows if before else 0)
        merged[feature, each.reason] = Finding(check, "finding", group.name, feature, rows, example, each.reason)
    return list(merged.values())


def _short(instant: pd.Timestamp) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"
