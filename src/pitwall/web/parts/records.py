"""Lines of the track record as a table with links to the stored forecasts."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.report.content.intervals import number
from pitwall.web.blocks import Link, LinkTable
from pitwall.web.parts.told import instant
from pitwall.workflows.serving.shown.stored import Stored

COLUMNS = ("race", "question", "model", "entered", "state", "loss", "score", "baseline", "ahead by")
NUMBERS = ("score", "baseline", "ahead by")


def record_table(found: Sequence[Stored]) -> LinkTable:
    """Return one row per forecast and question; a score is a loss, so lower is better, and `ahead by` is what the baseline loses more."""
    return LinkTable(COLUMNS, tuple(map(_row, found)), NUMBERS)


def _row(each: Stored) -> tuple[str | Link, ...]:
    line = each.line
    ahead = None if line.score is None or line.baseline is None else line.baseline - line.score
    return (
        Link(line.race, f"/forecasts/{each.file}") if each.file else line.race,
        line.question,
        line.model if line.version is None else f"{line.model} v{line.version}",
        instant(line.at),
        line.state + ", a challenger" * (line.role != "champion") + ", replayed" * line.replayed,
        line.metric,
        number(line.score),
        number(line.baseline),
        "" if ahead is None else f"{ahead:+.3f}",
    )
