"""What each lap to stop on costs, with an interval, as a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def stop_laps(laps: Sequence[int], lost: Sequence[float], low: Sequence[float], high: Sequence[float]) -> Figure:
    """Return the figure.

    Args:
        laps: to stop on.
        lost: seconds to the flag beyond the best choice.
        low: of the interval.
        high: of the interval.
    """
    figure = canvas(7.0, 3.4)
    axes = figure.subplots()
    axes.fill_between(laps, low, high, alpha=0.25, linewidth=0, label="80 % interval")
    axes.plot(laps, lost, marker=".", label="expected")
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.set(xlabel="lap of the stop", ylabel="seconds lost to the flag")
    axes.legend(frameon=False)
    return figure
