"""Values with their intervals, one a line, so that the eye sees which of them are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.content.intervals import Measured
from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def forest(panels: Mapping[str, Mapping[str, Measured]], label: str = "gain (better →)") -> Figure:
    """Return one panel per title: each value with its interval, zero as the line to stay right of.

    Args:
        panels: {title: {name of the line: value}}; the lines are those of all panels.
        label: of the values.
    """
    names = list(dict.fromkeys(name for found in panels.values() for name in found))
    figure = canvas(3.2 * len(panels) + 1.2, 0.45 * len(names) + 1.3)
    for axes, (title, found) in zip(
        np.atleast_1d(figure.subplots(1, len(panels), sharey=True)), panels.items(), strict=True
    ):
        axes.axvline(0.0, color=MUTED, linewidth=1)
        for name, each in found.items():
            draw_interval(axes, names.index(name), (each.value, each.low, each.high))
        counts = {name: each.n for found in panels.values() for name, each in found.items()}
        axes.set_yticks(range(len(names)), [f"{name} ({counts[name]})" for name in names])
        axes.locator_params(axis="x", nbins=4)
        axes.set(title=title, xlabel=label, ylim=(len(names) - 0.5, -0.5))
    return figure


def draw_interval(axes: Axes, row: float, ends: tuple[float, float, float], line: str = INK, dot: str = ACCENT) -> None:
    """Draw one value with its interval on a line of a panel.

    Args:
        axes: to draw on.
        row: the height.
        ends: value, low and high.
        line: colour of the interval.
        dot: colour of the value.
    """
    value, low, high = ends
    axes.plot([low, high], [row, row], color=line, linewidth=1.5)
    axes.plot(value, row, "o", color=dot, markersize=5)
