"""How a test stands that may be looked at after every race: its e-values as a picture with their table."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.monitoring.sequential import Look
from pitwall.report.content.blocks import Table
from pitwall.report.content.intervals import number, span
from pitwall.web.blocks import Plotted
from pitwall.web.parts.pictures import e_values

COLUMNS = ("race", "e-value ahead", "e-value behind", "mean gain", "interval")


def looks_plot(races: Sequence[str], looks: Sequence[Look], threshold: float, title: str, unit: str) -> Plotted:
    """Return what is known after each race of a test.

    Args:
        races: labels, one a look.
        looks: at least one.
        threshold: the e-value that decides.
        title: of the picture.
        unit: of the loss.
    """
    ahead, behind = (tuple(getattr(each, name) for each in looks) for name in ("ahead", "behind"))
    interval = tuple(tuple(getattr(each, name) for each in looks) for name in ("clipped", "low", "high"))
    picture = e_values(tuple(races), ahead, behind, (interval[0], interval[1], interval[2]), threshold, title, unit)
    return Plotted(picture, Table(COLUMNS, tuple(map(_row, races, looks)), COLUMNS[1:]))


def _row(race: str, look: Look) -> tuple[str, ...]:
    return race, number(look.ahead), number(look.behind), f"{look.clipped:+.3f}", span(look.low, look.high)
