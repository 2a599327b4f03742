"""What came from the sources, told as tables: what a snapshot changed, and where two sources disagree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitwall.report.content.blocks import Table
from pitwall.sources.machinery.beside import Compared
from pitwall.sources.machinery.canonical.new_teams import told

KINDS = ("new", "changed", "gone")


def changes_table(changed: Mapping[str, Any]) -> Table:
    """Return the lines that a snapshot changed, by raw table; see `pitwall.sources.machinery.overview.changes`."""
    rows = tuple((name, *(f"{counts[kind]:,}" for kind in KINDS)) for name, counts in changed["tables"].items())
    return Table(("raw table", *KINDS), rows, KINDS)


def disagreement_table(found: Compared) -> Table:
    """Return how many lines of another source say otherwise, by table and column."""
    lines = found.lines
    counts = {} if lines.empty else lines.groupby(["table", "column"]).size().to_dict()
    rows = tuple((str(table), str(column), f"{count:,}") for (table, column), count in counts.items())
    return Table(("table", "column", "rows"), rows, ("rows",))


def new_team(team: str) -> str:
    """Return what to say of a team that nobody knows yet."""
    return told(team)


def snapshot_moment(name: str) -> str:
    """Return when a snapshot was fetched, as its name says it; the name itself where it says nothing.

    Example:
        >>> snapshot_moment("20261130T104359-5d83baa4"), snapshot_moment("by hand")
        ('2026-11-30 10:43', 'by hand')
    """
    try:
        return f"{datetime.strptime(name.partition('-')[0], '%Y%m%dT%H%M%S'):%Y-%m-%d %H:%M}"
    except ValueError:
        return name
