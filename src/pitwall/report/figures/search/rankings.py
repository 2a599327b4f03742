"""Rankings of the same things beside each other, each thing a line from one to the next: where lines cross, rankings disagree."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FAR = 3  # places between two rankings from which on a line stands out


def rankings_figure(ranks: Mapping[str, Mapping[str, int]], titles: Mapping[str, str], title: str) -> Figure:
    """Return the rankings as columns, 1 on top; lines that move far are red.

    Args:
        ranks: {ranking: {thing: rank}}, in drawing order.
        titles: of the rankings.
        title: of the figure.
    """
    columns, things = list(ranks), list(next(iter(ranks.values())))
    figure = canvas(3.2 * len(columns), 0.32 * len(things) + 1.6)
    axes = figure.subplots()
    for thing in things:
        for at, (left, right) in enumerate(pairwise(columns)):
            ends = (ranks[left][thing], ranks[right][thing])
            far = abs(ends[0] - ends[1]) >= FAR
            axes.plot(
                (at, at + 1),
                ends,
                color=ACCENT if far else MUTED,
                linewidth=1.8 if far else 1.0,
                marker="o",
                markersize=4,
            )
        for at, side, shift in ((0, "right", -8), (len(columns) - 1, "left", 8)):
            where: Any = {"xytext": (shift, -3), "textcoords": "offset points", "ha": side, "fontsize": 8, "color": INK}
            axes.annotate(thing, (at, ranks[columns[at]][thing]), **where)
    axes.set_xticks(range(len(columns)), [titles[each] for each in columns], fontsize=9)
    axes.xaxis.tick_top()
    axes.set(xlim=(-0.55, len(columns) - 0.45), ylim=(len(things) + 0.7, 0.3))
    axes.set_yticks([])
    axes.set_frame_on(False)
    axes.tick_params(length=0)
    figure.suptitle(title, fontsize=10)
    return figure
