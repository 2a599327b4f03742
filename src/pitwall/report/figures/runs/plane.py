"""Runs as points: a parameter against a metric, and quality against what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SERIES
from pitwall.report.figures.scales import by_logarithm, dress_across, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = "viridis_r"
SMALL, LARGE = 30.0, 400.0  # areas of the smallest and the largest point
MOST = 25  # points that are named
RIGHT = 0.6  # the share of the axis from which on names are written to the left
ALIKE = (0.025, 0.03)  # shares of the axes within which two names would lie on each other
Named = tuple[str, Sequence[object]]


def scatter_figure(x: Named, values: np.ndarray, label: str, color: Named | None, texts: Sequence[str] = ()) -> Figure:
    """Return a parameter against a metric, a point for each run.

    Args:
        x: name and values of the parameter across.
        values: of the metric.
        label: of the metric.
        color: name and values of what the points are coloured by; one colour without it.
        texts: what stands beside each point; nothing without it.
    """
    figure = canvas(7.6, 4.8)
    axes = figure.subplots()
    at, ticks = places(list(x[1]))
    _points(figure, axes, (at, values), color)
    dress_across(axes, x[0], at, ticks)
    axes.set(ylabel=label, title=f"{label} by {x[0]}")
    axes.grid(alpha=0.25)
    axes.margins(0.06)
    _texts(axes, (at, values), texts)
    return figure


def tradeoff_figure(
    cost: Named, values: np.ndarray, label: str, *, front: np.ndarray, names: Sequence[str], sizes: Named | None = None
) -> Figure:
    """Return quality against what it costs, the runs on the front in red and with their names.

    Args:
        cost: name and numbers of what is across.
        values: of the metric.
        label: of the metric.
        front: the numbers of the runs of which no other is better in everything.
        names: of the runs.
        sizes: name and numbers of what the areas of the points stand for.
    """
    figure = canvas(8.4, 5.0)
    axes = figure.subplots()
    at = np.array(cost[1], dtype=np.float64)
    areas = _areas(sizes)
    best = np.isin(np.arange(len(at)), front)
    for here, colour in ((~best, MUTED), (best, ACCENT)):
        if here.any():
            area = areas[here] if sizes else 36.0
            axes.scatter(at[here], values[here], s=area, color=colour, alpha=0.75, edgecolors="white")
    dress_across(axes, cost[0], at, [])
    axes.set(ylabel=label, title=f"{label} against {cost[0]}" + (f", area by {sizes[0]}" if sizes else ""))
    axes.grid(alpha=0.25)
    axes.margins(0.09)
    _texts(axes, (at, values), [name if on else "" for name, on in zip(names, best, strict=True)])
    handles = [_handle(colour, what) for colour, what in ((ACCENT, "no other is better in all"), (MUTED, "the others"))]
    handles += _sizes(sizes)
    figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize=8, labelspacing=1.4)
    return figure


def _points(figure: Figure, axes: Axes, at: tuple[np.ndarray, np.ndarray], color: Named | None) -> None:
    dots: dict[str, Any] = {"s": 36, "edgecolors": INK, "linewidths": 0.4, "alpha": 0.85}
    if color is None:
        axes.scatter(*at, color=SERIES[0], **dots)
        return
    shade, names = places(list(color[1]))
    if not names:
        from matplotlib.colors import LogNorm

        norm = LogNorm() if by_logarithm(shade) else None
        drawn = axes.scatter(*at, c=shade, cmap=SHADES, norm=norm, **dots)
        figure.colorbar(drawn, ax=axes, label=color[0])
        return
    for number, name in enumerate(names):
        here = shade == number
        axes.scatter(at[0][here], at[1][here], color=SERIES[number % len(SERIES)], label=name, **dots)
    figure.legend(title=color[0], loc="outside right upper", frameon=False, fontsize=8)


def _texts(axes: Axes, at: tuple[np.ndarray, np.ndarray], texts: Sequence[str]) -> None:
    """Write beside points, from the first on, where no other text is."""
    shares = [np.log(each) if by_logarithm(each) else each for each in at]
    shares = [(each - each.min()) / (np.ptp(each) or 1.0) for each in shares]
    written: list[tuple[float, float]] = []
    for text, x, y, across, up in zip(texts, *at, *shares, strict=False):
        near = any(abs(across - a) < 4 * ALIKE[0] and abs(up - b) < ALIKE[1] for a, b in written)
        if text and not near and len(written) < MOST:
            away, side = ((6, 4), "left") if across < RIGHT else ((-6, 4), "right")
            axes.annotate(text, (x, y), xytext=away, textcoords="offset points", ha=side, fontsize=7, color=INK)
            written.append((across, up))


def _areas(sizes: Named | None) -> np.ndarray:
    held = np.array(sizes[1] if sizes else [], dtype=np.float64)
    return SMALL + (LARGE - SMALL) * held / (held.max(initial=0.0) or 1.0)


def _sizes(sizes: Named | None) -> list[Any]:
    """Return the smallest, middle and largest size as entries of a legend."""
    if sizes is None:
        return []
    held, areas = np.array(sizes[1], dtype=np.float64), _areas(sizes)
    chosen = sorted({int(np.argsort(held)[place]) for place in (0, len(held) // 2, -1)}, key=lambda each: held[each])
    return [_handle(MUTED, f"{sizes[0]} {held[each]:.3g}", float(areas[each])) for each in chosen]


def _handle(colour: str, text: str, area: float = 36.0) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, marker="o", linestyle="", markersize=area**0.5, label=text)
