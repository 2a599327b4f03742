"""Who was champion when: a bar for each time that a version held the place, on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, SECOND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHORTEST = 0.004  # of the whole time: a champion for a minute is seen too


def tenures_figure(held: Sequence[tuple[str, datetime, datetime | None]], until: datetime, title: str) -> Figure:
    """Return the figure.

    Args:
        held: (who, since, until; None of who holds the place), in time order.
        until: where the time axis ends.
        title: above.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

    names = list(dict.fromkeys(name for name, _, _ in held))
    figure = canvas(8.0, 0.42 * len(names) + 1.3)
    axes = figure.subplots()
    least = max((until - held[0][1]) * SHORTEST, timedelta(seconds=1))
    for name, since, end in held:
        width = date2num(since + max((end or until) - since, least)) - date2num(since)
        axes.barh(names.index(name), width, left=date2num(since), color=SECOND if end else ACCENT, height=0.6)
    axes.xaxis_date()
    locator = AutoDateLocator(maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_yticks(range(len(names)), names)
    axes.set(title=title, ylim=(len(names) - 0.4, -0.6))
    axes.spines[["top", "right"]].set_visible(False)
    return figure
