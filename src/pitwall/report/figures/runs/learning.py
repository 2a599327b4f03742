"""Training curves of several runs: a metric by step, a line for each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import MUTED, SERIES
from pitwall.report.figures.scales import by_logarithm

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW = 40  # steps that are seen as points too
Curve = Sequence[tuple[int, float]]


def learning_figure(curves: Mapping[str, Curve], others: Sequence[Curve], label: str) -> Figure:
    """Return the curves of some runs by name, and behind them in grey those of others.

    Args:
        curves: {run: (step, value) in the order of the steps}, as many as the palette has colours.
        others: the same, of runs that are not told apart.
        label: of the values.
    """
    from matplotlib.ticker import MaxNLocator

    figure = canvas(9.0, 4.8)
    axes = figure.subplots()
    for number, curve in enumerate(others):
        name = f"{len(others)} others" if number == 0 else None
        axes.plot(*_xy(curve), color=MUTED, linewidth=0.8, alpha=0.5, label=name, marker="." if len(curve) == 1 else "")
    for (run, curve), colour in zip(curves.items(), SERIES, strict=False):
        marker = "o" if len(curve) <= FEW else ""
        axes.plot(*_xy(curve), color=colour, linewidth=1.6, marker=marker, markersize=3, label=run)
    values = np.array([value for curve in (*others, *curves.values()) for _, value in curve])
    if by_logarithm(values):
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set(xlabel="step", ylabel=label, title=f"{label} by step")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    return figure


def _xy(curve: Curve) -> tuple[list[int], list[float]]:
    return [step for step, _ in curve], [value for _, value in curve]
