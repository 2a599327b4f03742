"""How much is known after each race of a test: e-values of both directions on a logarithmic axis, with the line that decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.over_time.races import name_races
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SECOND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST = 1e-3  # an e-value below it says no more than one at it


def e_values_figure(
    labels: Sequence[str],
    ahead: Sequence[float],
    behind: Sequence[float],
    interval: tuple[Sequence[float], Sequence[float], Sequence[float]],
    *,
    threshold: float,
    title: str,
    unit: str,
) -> Figure:
    """Return the figure of a test.

    Args:
        labels: of its races, in the order of their sessions; at least one.
        ahead: e-value after each race against "the challenger is not better".
        behind: against "the challenger is not worse".
        interval: mean of the clipped differences after each race, and the ends of its interval.
        threshold: the e-value that decides.
        title: above.
        unit: of the loss.
    """
    figure = canvas(9.0, 6.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    at = np.arange(len(labels))
    for values, colour, name in (
        (ahead, SECOND, "the challenger is better"),
        (behind, ACCENT, "the challenger is worse"),
    ):
        above.plot(at, np.maximum(values, LEAST), color=colour, linewidth=2, marker="o", markersize=3, label=name)
    above.axhline(threshold, color=INK, linewidth=1, linestyle="--", label=f"a verdict, {threshold:g}")
    above.set(title=title, ylabel="e-value", yscale="log")
    above.legend(frameon=False, fontsize=8)
    mean, low, high = interval
    below.fill_between(at, low, high, color=SECOND, alpha=0.15, linewidth=0)
    below.plot(at, mean, color=INK, linewidth=2)
    below.axhline(0.0, color=MUTED, linewidth=1)
    below.set(ylabel=f"gain of the challenger\n({unit})", xlabel="race")
    name_races(above, below, labels)
    return figure
