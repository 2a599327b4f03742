"""Pictures of a search: how it went, what each parameter did, which of them matter, and what a trial cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SECOND, SERIES
from pitwall.report.figures.scales import by_logarithm, dress_across, places, scaled, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE = 4  # panels in a row
SHADES = "viridis_r"
BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}  # a name that lines cross


def strategies_figure(
    panels: Mapping[str, Sequence[np.ndarray]],
    best: Mapping[str, Sequence[np.ndarray]],
    title: str,
    label: str,
    known: float,
) -> Figure:
    """Return one panel per strategy on a common scale: the trials of all seeds as points, the best so far of each as a line, their mean bold.

    Args:
        panels: {strategy: values by trial, one array per seed, NaN where a trial has none}.
        best: the same of the best value so far.
        title: of the figure.
        label: of the values.
        known: the best value that is known.
    """
    figure = canvas(3.6 * len(panels) + 0.6, 3.8)
    every = np.concatenate([values for own in panels.values() for values in own])
    seen = every[np.isfinite(every)]
    low, high = float(min(seen.min(), known)), float(np.quantile(seen, 0.9))
    for axes, (name, own), colour in zip(_grid(figure, len(panels)), panels.items(), SERIES * 3, strict=False):
        for values, course in zip(own, best[name], strict=True):
            axes.plot(np.arange(1, len(values) + 1), values, "o", color=colour, alpha=0.35, markersize=4)
            axes.step(np.arange(1, len(course) + 1), course, where="post", color=colour, alpha=0.5, linewidth=1)
        mean = np.mean(list(best[name]), axis=0)
        axes.step(np.arange(1, len(mean) + 1), mean, where="post", color=INK, linewidth=2, label="best so far, mean")
        axes.axhline(known, color=MUTED, linestyle=":", label="best known")
        margin = 0.06 * (high - low or 1.0)
        axes.set(title=f"{name}\n{mean[-1]:.4f}", xlabel="trial", ylim=(low - margin, high + margin))
        axes.grid(alpha=0.25)
    _first(figure).set_ylabel(label)
    _first(figure).legend(fontsize=8, frameon=False)
    figure.suptitle(title, fontsize=11)
    return figure


def slices_figure(columns: Mapping[str, Sequence[object]], values: np.ndarray, label: str) -> Figure:
    """Return one panel per parameter: its value against that of the trial, later trials darker.

    Args:
        columns: {parameter: its value in each trial, None where it did not exist}.
        values: of the trials.
        label: of the values.
    """
    rows = -(-len(columns) // WIDE)
    figure = canvas(3.2 * min(WIDE, len(columns)) + 0.6, 2.9 * rows + 0.3)
    for axes, (name, own) in zip(_grid(figure, len(columns), rows), columns.items(), strict=False):
        here = np.array([each is not None for each in own])
        at, ticks = places([each for each in own if each is not None])
        axes.scatter(at, values[here], c=np.flatnonzero(here), cmap="Blues", edgecolors=MUTED, linewidths=0.5, s=22)
        dress_across(axes, name, at, ticks)
        axes.grid(alpha=0.25)
    _first(figure).set_ylabel(label)
    return figure


def parallel_figure(
    columns: Mapping[str, Sequence[object]], values: np.ndarray, label: str, sign: float = 1.0
) -> Figure:
    """Return one line per trial through an axis for each parameter and one for the value; good ones dark.

    Args:
        columns: as of `slices_figure`.
        values: of the trials.
        label: of the values.
        sign: 1 where lower is better, -1 where higher is.
    """
    from matplotlib import colormaps

    figure = canvas(1.7 * (len(columns) + 1) + 1.5, 3.8)
    axes = figure.subplots()
    heights, ends = [], []
    for own in [*columns.values(), list(values)]:
        at, ticks = places([each for each in own if each is not None])
        low, high = (float(at.min()), float(at.max())) if len(at) else (0.0, 1.0)
        rest = iter(scaled(at, low, high))
        heights.append([next(rest) if each is not None else np.nan for each in own])
        ends.append((told(low, ticks), told(high, ticks), ticks[1:-1]))
    ranks = np.argsort(np.argsort(-sign * values)) / max(len(values) - 1, 1)
    for trial in np.argsort(-sign * values):
        axes.plot(
            [own[trial] for own in heights], color=colormaps[SHADES](ranks[trial]), alpha=0.3 + 0.6 * ranks[trial]
        )
    for place, (bottom, top, between) in enumerate(ends):
        axes.axvline(place, color=MUTED, linewidth=0.8)
        axes.annotate(bottom, (place, 0), xytext=(0, -12), textcoords="offset points", ha="center", fontsize=7)
        axes.annotate(top, (place, 1), xytext=(0, 5), textcoords="offset points", ha="center", fontsize=7)
        for number, name in enumerate(between, start=1):
            where = (place, number / (len(between) + 1))
            axes.annotate(name, where, xytext=(3, -2), textcoords="offset points", fontsize=7, bbox=BEHIND)
    axes.set_xticks(range(len(ends)), [*columns, label], fontsize=8, rotation=15, ha="right")
    axes.tick_params(axis="x", pad=14)
    axes.set_yticks([])
    axes.set_ylim(-0.08, 1.1)
    axes.set_frame_on(False)
    return figure


def contour_figure(columns: Mapping[str, Sequence[object]], values: np.ndarray, label: str) -> Figure:
    """Return the values over the plane of two parameters, interpolated between trials; `columns` holds the two, in all trials."""
    figure = canvas(5.6, 4.2)
    axes = figure.subplots()
    (first, x), (second, y) = ((name, places(list(own))) for name, own in columns.items())
    if len(set(zip(x[0], y[0], strict=True))) > 3 and len(set(x[0])) > 1 and len(set(y[0])) > 1:
        drawn = axes.tricontourf(x[0], y[0], values, levels=12, cmap=SHADES)
        figure.colorbar(drawn, label=label)
    axes.scatter(x[0], y[0], color=INK, s=12)
    dress_across(axes, first, *x)
    axes.set_ylabel(second)
    if y[1]:
        axes.set_yticks(range(len(y[1])), y[1], fontsize=8)
    elif by_logarithm(y[0]):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter("")
    return figure


def importances_figure(shares: Mapping[str, float], of: str = "trials") -> Figure:
    """Return bars: which share of the differences between trials, or whatever is said, each parameter explains, the largest on top."""
    names = sorted(shares, key=lambda name: shares[name])
    figure = canvas(5.6, 0.4 * len(names) + 1.0)
    axes = figure.subplots()
    axes.barh(names, [shares[name] for name in names], color=SECOND)
    for at, name in enumerate(names):
        axes.annotate(f"{shares[name]:.2f}", (shares[name], at), xytext=(4, -3), textcoords="offset points", fontsize=8)
    axes.set(xlabel=f"share of the differences between {of}", xlim=(0, max([*shares.values(), 0.1]) * 1.15))
    return figure


def pareto_figure(seconds: np.ndarray, values: np.ndarray, label: str, sign: float = 1.0) -> Figure:
    """Return value against seconds of every complete trial, and the front: trials of which no other is both better and quicker.

    Args:
        seconds: of the trials.
        values: of the trials.
        label: of the values.
        sign: 1 where lower is better, -1 where higher is.
    """
    figure = canvas(5.6, 3.8)
    axes = figure.subplots()
    front = front_of(seconds, sign * values)
    axes.plot(seconds, values, "o", color=MUTED, label="trial")
    axes.step(
        seconds[front], values[front], where="post", color=ACCENT, marker="o", label="none is both better and quicker"
    )
    axes.set(xlabel="seconds", ylabel=label)
    axes.legend(frameon=False, fontsize=8)
    return figure


def front_of(cost: np.ndarray, loss: np.ndarray) -> np.ndarray:
    """Return the numbers of the points of which no other is both cheaper and better, the cheapest first.

    Example:
        >>> front_of(np.array([1.0, 2.0, 3.0]), np.array([5.0, 6.0, 4.0])).tolist()
        [0, 2]
    """
    order = np.lexsort((loss, cost))
    best = np.minimum.accumulate(np.concatenate([[np.inf], loss[order][:-1]]))
    return order[loss[order] < best]


def _grid(figure: Figure, count: int, rows: int = 1) -> list[Axes]:
    """Return so many panels on a common scale of values; what is over is taken away."""
    made = list(figure.subplots(rows, -(-count // rows) if rows == 1 else WIDE, sharey=True, squeeze=False).ravel())
    for unused in made[count:]:
        unused.remove()
    return made[:count]


def _first(figure: Figure) -> Axes:
    return figure.axes[0]
