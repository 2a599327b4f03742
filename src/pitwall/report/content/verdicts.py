"""The table of what the gates said: on a card and on the screen the same columns, words and digits."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.domain.refs import Verdict
from pitwall.report.content.blocks import Table
from pitwall.report.content.intervals import number

NUMBERS = ("measured", "limit", "could see")


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """Return one row per verdict with its numbers."""
    return Table(("gate", "question", "verdict", *NUMBERS, "unit"), tuple(map(_row, verdicts)), NUMBERS)


def reason_table(verdicts: Sequence[Verdict]) -> Table:
    """Return one row per verdict with its reason."""
    rows = ((verdict.gate, verdict.template or "", verdict.reason) for verdict in verdicts)
    return Table(("gate", "question", "reason"), tuple(rows))


def _row(verdict: Verdict) -> tuple[str, ...]:
    shown = map(number, (verdict.measured, verdict.limit, verdict.detectable))
    return (verdict.gate, verdict.template or "", "passed" if verdict.passed else "REFUSED", *shown, verdict.unit)
