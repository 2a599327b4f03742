"""Many small histograms side by side: how each of many quantities is spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 8  # histograms side by side


@dataclass(frozen=True)
class Histogram:
    """Counts between edges, one more than counts; both empty where nothing is known."""

    title: str
    edges: Sequence[float]
    counts: Sequence[float]


def histograms(found: Sequence[Histogram], title: str) -> Figure:
    """Return all of them in rows, below one title."""
    down = -(-len(found) // ACROSS)
    figure = canvas(2.1 * ACROSS, 1.4 * down + 0.5, constrained=False)
    panels = figure.subplots(down, ACROSS, squeeze=False).ravel()
    for axes, each in zip(panels, found, strict=False):
        _panel(axes, each)
    for axes in panels[len(found) :]:
        axes.set_visible(False)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.3 / height, top=1 - 0.6 / height, hspace=0.7, wspace=0.1)
    figure.text(0.01, 1 - 0.3 / height, title, color=INK)
    return figure


def _panel(axes: Axes, each: Histogram) -> None:
    axes.set_title(each.title, fontsize=7, color=INK)
    ends = [each.edges[0], each.edges[-1]] if each.counts else []
    axes.set_xticks(ends, [f"{end:.3g}" for end in ends], fontsize=6, color=MUTED)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    if each.counts:
        axes.stairs(each.counts, each.edges, fill=True, color=INK)
