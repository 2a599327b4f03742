"""How many durations last how long: as seen, with a band, and as forecast; and the curves of some rows beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, SERIES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def course_figure(course: pd.DataFrame, title: str, axis: str) -> Figure:
    """Return the figure.

    Args:
        course: by `step`: `observed` share that lasts beyond it, `low`, `high` and `forecast`.
        title: above.
        axis: what the steps are.
    """
    figure = canvas(7.0, 4.2)
    axes = figure.subplots()
    steps = [0, *course["step"]]
    axes.fill_between(steps, [1, *course["low"]], [1, *course["high"]], step="post", color=INK, alpha=0.15, linewidth=0)
    axes.step(steps, [1, *course["observed"]], where="post", color=INK, label="seen (Kaplan and Meier)")
    axes.step(steps, [1, *course["forecast"]], where="post", color=ACCENT, label="forecast of those watched")
    axes.legend(frameon=False)
    _label(axes, title, axis)
    return figure


def lasting_figure(curves: Mapping[str, Sequence[float]], title: str, axis: str) -> Figure:
    """Return the curves of some rows: the chance of each to last beyond each step.

    Args:
        curves: {name: chance after step 1, after step 2, ...}.
        title: above.
        axis: what the steps are.
    """
    figure = canvas(8.0, 4.8)
    axes = figure.subplots()
    for number, (name, chances) in enumerate(curves.items()):
        style = "-" if number < len(SERIES) else "--"
        axes.plot(range(len(chances) + 1), [1, *chances], style, color=SERIES[number % len(SERIES)], label=name)
    axes.legend(frameon=False, fontsize=7, ncols=2)
    _label(axes, title, axis)
    return figure


def _label(axes: Axes, title: str, axis: str) -> None:
    axes.set(title=title, xlabel=axis, ylabel="share that lasts longer", ylim=(-0.02, 1.02), xlim=(0, None))
    axes.grid(alpha=0.25)
