"""Sizes of a few things as horizontal bars, the largest on top; what adds and what takes away to both sides of 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def bars_figure(sizes: Mapping[str, float], title: str, *, label: str) -> Figure:
    """Return one bar per thing.

    Args:
        sizes: by name, the largest first.
        title: above.
        label: of the sizes, with their unit.
    """
    figure = canvas(8.0, 0.3 * len(sizes) + 1.3)
    axes = figure.subplots()
    axes.barh(range(len(sizes)), list(sizes.values()), color=SECOND)
    for row, size in enumerate(sizes.values()):
        axes.annotate(
            f"{size:.3g}", (size, row), (3, 0), textcoords="offset points", va="center", fontsize=8, color=INK
        )
    _finish(axes, sizes, title, label)
    return figure


def signed_bars_figure(sizes: Mapping[str, float], title: str, *, label: str) -> Figure:
    """Return one bar per thing, to the right of 0 for what adds and to the left for what takes away; see `bars_figure`."""
    figure = canvas(8.0, 0.3 * len(sizes) + 1.3)
    axes = figure.subplots()
    colours = [ACCENT if size > 0 else SECOND for size in sizes.values()]
    axes.barh(range(len(sizes)), list(sizes.values()), color=colours)
    axes.axvline(0.0, color=MUTED, linewidth=1)
    for row, size in enumerate(sizes.values()):
        away, side = ((3, 0), "left") if size >= 0 else ((-3, 0), "right")
        axes.annotate(
            f"{size:+.3g}", (size, row), away, textcoords="offset points", va="center", ha=side, fontsize=8, color=INK
        )
    _finish(axes, sizes, title, label)
    return figure


def _finish(axes: Axes, sizes: Mapping[str, float], title: str, label: str) -> None:
    axes.set_yticks(range(len(sizes)), [name.replace("_", " ") for name in sizes])
    axes.set(title=title, xlabel=label, ylim=(len(sizes) - 0.4, -0.6))
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
