"""Sizes of a few things as horizontal bars, the largest on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import INK, SECOND

if TYPE_CHECKING:
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
    axes.set_yticks(range(len(sizes)), [name.replace("_", " ") for name in sizes])
    axes.set(title=title, xlabel=label, ylim=(len(sizes) - 0.4, -0.6))
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
