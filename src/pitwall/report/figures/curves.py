"""Curves over one axis with the bands in which they should lie: one line a name, the band of the same colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, CAUTION, INK, MUTED, OTHERS, SECOND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (ACCENT, CAUTION, INK, SECOND, *OTHERS)


@dataclass(frozen=True)
class Curve:
    """One curve: its places on the axis, its values there, and the ends of its band."""

    name: str
    at: Sequence[float]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def curves_figure(curves: Sequence[Curve], title: str, *, axes: tuple[str, str], band: str) -> Figure:
    """Return one panel per curve on a common scale, the others behind it, so that bands do not hide each other.

    Args:
        curves: at least one.
        title: of the figure.
        axes: what the axis and the values are, with their units.
        band: what the band holds, in words.
    """
    figure = canvas(2.9 * len(curves) + 0.8, 3.6)
    panels = figure.subplots(1, len(curves), sharex=True, sharey=True, squeeze=False)[0]
    for number, (panel, own) in enumerate(zip(panels, curves, strict=True)):
        for other in curves:
            panel.plot(other.at, other.value, color=MUTED, linewidth=1, alpha=0.6)
        colour = COLOURS[number % len(COLOURS)]
        panel.fill_between(own.at, own.low, own.high, color=colour, alpha=0.15, linewidth=0)
        panel.plot(own.at, own.value, color=colour, linewidth=2)
        panel.annotate(
            f"{own.value[-1]:+.2f}", (own.at[-1], own.value[-1]), xytext=(-4, 6), textcoords="offset points", ha="right", color=colour
        )
        panel.axhline(0.0, color=MUTED, linewidth=0.8)
        panel.set(title=own.name, xlabel=axes[0], xlim=(min(own.at), max(own.at)))
        panel.grid(alpha=0.25)
    panels[0].set_ylabel(axes[1])
    figure.suptitle(f"{title}\nband: {band}", fontsize=10)
    return figure
