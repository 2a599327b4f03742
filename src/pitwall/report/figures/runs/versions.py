"""The versions of a model as bars with their intervals, a panel for each question: as a picture, and as one to point at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.content.intervals import Measured, interval
from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.interactive import dressed
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from plotly.graph_objects import Figure as Interactive

CHAMPION, BASELINE, OTHER = "champion", "baseline", ""
COLOURS = {CHAMPION: ACCENT, BASELINE: MUTED, OTHER: SECOND}
LONG = 1.02  # of the longest interval: where the numbers begin


@dataclass(frozen=True)
class Rows:
    """The versions, the newest on top.

    Attributes:
        labels: one per version.
        kinds: `champion`, `baseline`, or nothing; the champion wins where both are true.
        panels: {title: value of each version, None where there is none}.
    """

    labels: Sequence[str]
    kinds: Sequence[str]
    panels: Mapping[str, Sequence[Measured | None]]


def versions_figure(rows: Rows, title: str) -> Figure:
    """Return the picture; every panel begins at 0, so that the lengths of bars can be compared."""
    count, panels = len(rows.labels), len(rows.panels)
    figure = canvas(3.4 * panels + 3.2, 0.42 * count + 1.6)
    figure.suptitle(title, color=INK)
    all_axes = np.atleast_1d(figure.subplots(1, panels, sharey=True))
    for axes, (name, found) in zip(all_axes, rows.panels.items(), strict=True):
        _panel(axes, rows.kinds, found)
        axes.set(xlabel=name, ylim=(-0.6, count - 0.4))
        axes.locator_params(axis="x", nbins=4)
        axes.spines[["top", "right"]].set_visible(False)
    all_axes[0].set_yticks(range(count), rows.labels)
    for label, kind in zip(all_axes[0].get_yticklabels(), rows.kinds, strict=True):
        label.set_fontweight("bold" if kind == CHAMPION else "normal")
    return figure


def versions_plot(rows: Rows, name: str) -> Interactive:
    """Return one panel to point at."""
    from plotly.graph_objects import Figure

    figure, held = Figure(), [(row, each) for row, each in enumerate(rows.panels[name]) if each is not None]
    value, low, high = (np.array([getattr(each, end) for _, each in held]) for end in ("value", "low", "high"))
    figure.add_bar(
        x=value,
        y=[rows.labels[row] for row, _ in held],
        error_x={"array": high - value, "arrayminus": value - low, "color": INK},
        orientation="h",
        marker={"color": [COLOURS[rows.kinds[row]] for row, _ in held]},
        customdata=[f"{interval(each)}, {each.n} races" for _, each in held],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_xaxes(title_text=name, rangemode="tozero")
    figure.update_yaxes(automargin=True)
    return dressed(figure, name, 140 + 34 * len(held))


def _panel(axes: Axes, kinds: Sequence[str], found: Sequence[Measured | None]) -> None:
    longest = max((each.high for each in found if each is not None), default=1.0)
    for row, (kind, each) in enumerate(zip(kinds, found, strict=True)):
        if each is None:
            axes.annotate(
                "not known", (0, row), (4, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED
            )
            continue
        axes.barh(row, each.value, color=COLOURS[kind], height=0.62)
        axes.plot([each.low, each.high], [row, row], color=INK, linewidth=1.5)
        axes.annotate(f"{each.value:.3g}", (LONG * longest, row), va="center", fontsize=8, color=INK)
    axes.set_xlim(0, 1.2 * longest)
