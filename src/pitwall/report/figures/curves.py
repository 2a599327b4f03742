"""Curves over one axis with the bands in which they should lie: one panel a curve, its band of the same colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, CAUTION, INK, MUTED, OTHERS, SECOND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (ACCENT, CAUTION, INK, SECOND, *OTHERS)
Curve = Mapping[str, Sequence[float]]


def curves_figure(curves: Mapping[str, Curve], title: str, axes: tuple[str, str]) -> Figure:
    """Return one panel per curve on a common scale, the others in grey behind it, so that bands do not hide each other.

    Args:
        curves: {name: curve}, each with the places `at` of the axis, and at them its `value` and the ends `low` and `high` of its band.
        title: of the figure.
        axes: what the axis and the values are, with their units.
    """
    figure = canvas(2.9 * len(curves) + 0.8, 3.6)
    panels = figure.subplots(1, len(curves), sharex=True, sharey=True, squeeze=False)[0]
    for number, (panel, (name, own)) in enumerate(zip(panels, curves.items(), strict=True)):
        for other in curves.values():
            panel.plot(other["at"], other["value"], color=MUTED, linewidth=1, alpha=0.6)
        colour, at, value = COLOURS[number % len(COLOURS)], own["at"], own["value"]
        panel.fill_between(at, own["low"], own["high"], color=colour, alpha=0.15, linewidth=0)
        panel.plot(at, value, color=colour, linewidth=2)
        end = {"xytext": (-4, 6), "textcoords": "offset points", "ha": "right", "color": colour}
        panel.annotate(f"{value[-1]:+.2f}", (at[-1], value[-1]), **end)
        panel.axhline(0.0, color=MUTED, linewidth=0.8)
        panel.set(title=name, xlabel=axes[0], xlim=(min(at), max(at)))
        panel.grid(alpha=0.25)
    panels[0].set_ylabel(axes[1])
    figure.suptitle(title, fontsize=10)
    return figure
