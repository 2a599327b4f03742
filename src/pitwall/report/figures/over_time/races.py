"""A loss race by race: above, both forecasters and their running means; below, what one has gained on the other so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TICKS = 12


def over_races(labels: Sequence[str], losses: Mapping[str, np.ndarray], title: str, *, unit: str) -> Figure:
    """Return the figure of two forecasters.

    Args:
        labels: of the races, in time order.
        losses: {who: loss per race}, ours first, then the one to beat.
        title: above.
        unit: of the loss.
    """
    figure = canvas(9.0, 6.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    at = np.arange(len(labels))
    for (name, values), colour in zip(losses.items(), (ACCENT, MUTED), strict=True):
        above.plot(at, values, "o", color=colour, markersize=3, alpha=0.4)
        above.plot(at, np.cumsum(values) / (at + 1), color=colour, linewidth=2, label=f"{name}, mean so far")
    ours, theirs = losses.values()
    below.plot(at, np.cumsum(theirs - ours), color=INK, linewidth=2)
    below.axhline(0.0, color=MUTED, linewidth=1)
    above.set(title=title, ylabel=unit)
    above.legend(frameon=False)
    below.set(ylabel=f"gained so far\n({unit})", xlabel="race")
    name_races(above, below, labels)
    return figure


def name_races(above: Axes, below: Axes, labels: Sequence[str]) -> None:
    """Name races below two panels, as many as there is room for, and draw no more of their frames than is read."""
    at = np.arange(len(labels))[:: max(len(labels) // TICKS, 1)]
    below.set_xticks(at, [labels[each] for each in at], rotation=45, ha="right")
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
