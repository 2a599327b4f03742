"""Decisions and differences of versions as tables, the same on a screen and on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pitwall.ml.registry.compare import Difference
from pitwall.report.content.blocks import Table
from pitwall.report.content.intervals import number, span

DECIDED = ("row", "at", "kind", "model", "version", "before", "by", "why")


def decision_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return rows of the history: what was decided, by whom, when and why."""
    shown = tuple(
        (
            str(row.get("seq", "")),
            row["at"],
            row["kind"],
            row.get("model", ""),
            str(row.get("version", "")),
            str(row.get("previous") or ""),
            row["by"],
            row["why"],
        )
        for row in rows
    )
    return Table(DECIDED, shown, ("row", "version", "before"))


def difference_table(found: Sequence[Difference], names: tuple[str, str], called: Mapping[int, str]) -> Table:
    """Return how two models differ, metric by metric.

    Args:
        found: the differences.
        names: of the first and the second.
        called: what a winner is called, by its number.
    """
    numbers = (*names, "delta")
    columns = ("question", "metric", "better", *numbers, "95 % interval", "could see", "races", "winner")
    rows = tuple(
        (
            each.question,
            each.metric,
            each.better,
            *(number(value) for value in (each.first, each.second, each.delta)),
            "" if each.low is None or each.high is None else span(each.low, each.high, "{:+.3g}".format),
            number(each.detectable),
            str(each.n or ""),
            called[each.winner] if each.winner else "not told apart",
        )
        for each in found
    )
    return Table(columns, rows, (*numbers, "could see", "races"))
