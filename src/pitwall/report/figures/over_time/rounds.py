"""Chances over the rounds of a season: one panel per title, one line per competitor, named where it ends or was highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = len(SERIES)


def over_rounds(
    panels: Mapping[str, Mapping[str, Sequence[float]]], after: Sequence[int], title: str, rounds: int
) -> Figure:
    """Return one panel below the other, on a common scale.

    Args:
        panels: {title: {competitor: chance after each round}}, the line that matters most first; more than ten are grey.
        after: the rounds, 0 before the first.
        title: of the figure.
        rounds: how many the season has.
    """
    figure = canvas(10, 3.6 * len(panels) + 0.4)
    for axes, (name, lines) in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels.items(), strict=True):
        for number, (who, values) in enumerate(lines.items()):
            colour = SERIES[number] if number < MOST else MUTED
            axes.plot(after, values, color=colour, linewidth=2, marker="o", markersize=3, label=who, clip_on=False)
        axes.set(title=name, ylabel="P(title)", ylim=(0, 1), xlim=(0, rounds))
        axes.set_xticks(range(0, rounds + 1, 2))
        axes.grid(alpha=0.25)
        axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        axes.set_xlabel("after round (0: before the season)")
    figure.suptitle(title, fontsize=11)
    return figure
