"""What the pictures of a race share: a line per car, labels that do not cover each other, shades behind neutralised laps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import INK, NEUTRAL, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 12.0, 6.6  # inches
LETTERS = 8  # points
LINES = "dashed: a team's second car"
DASHES = (("-", "--"), (":", "-."))  # of a team's cars; the second pair where there are more teams than colours


def colour(car: Any) -> str:
    """Return the colour of a car's team."""
    return SERIES[int(car.team_rank) % len(SERIES)]


def style(car: Any) -> dict[str, Any]:
    """Return how a car's line is drawn: in the colour of its team, the second car dashed."""
    again = min(int(car.team_rank) // len(SERIES), len(DASHES) - 1)
    return {"color": colour(car), "linestyle": DASHES[again][bool(car.second)], "linewidth": 1.4}


def panel(title: str, laps: int, *, up: str, note: str = "", height: float = HEIGHT) -> tuple[Figure, Axes]:
    """Return a figure over the laps of a race.

    Args:
        title: above, on the left.
        laps: of the race.
        up: what goes up, with its unit.
        note: how to read it; above, on the right.
        height: in inches.
    """
    figure = canvas(WIDTH, height)
    axes = figure.subplots()
    axes.set(xlabel="lap", ylabel=up, xlim=(0, laps))
    head(axes, title, note)
    return figure, axes


def head(axes: Axes, title: str, note: str) -> None:
    """Write the title on the left and how to read the picture on the right, and leave out two sides of the frame."""
    axes.set_title(title, loc="left")
    axes.set_title(note, loc="right", fontsize=LETTERS, color=INK)
    axes.spines[["top", "right"]].set_visible(False)


def shade(axes: Axes, neutral: Mapping[int, str]) -> None:
    """Shade neutralised laps and say why they were, below the axes."""
    for lap, why in neutral.items():
        axes.axvspan(lap - 1, lap, color=NEUTRAL[why], linewidth=0, zorder=0)
    for why in [name for name in NEUTRAL if name in neutral.values()]:
        axes.fill_between([], [], color=NEUTRAL[why], label=why)
    if neutral:
        axes.legend(frameon=False, ncols=3, fontsize=LETTERS, loc="upper center", bbox_to_anchor=(0.5, -0.08))


def end_labels(axes: Axes, ends: Sequence[tuple[float, str, str]], at: float, apart: float, least: float = 0.0) -> None:
    """Write names beside the ends of lines, moved apart where they would cover each other.

    Args:
        axes: whose vertical axis may run either way.
        ends: (height, name, colour).
        at: where on the horizontal axis.
        apart: the least distance of two heights.
        least: no name stands at less.
    """
    ordered = sorted(ends)
    heights = spread([height for height, _, _ in ordered], apart, least)
    for (_, name, ink), height in zip(ordered, heights, strict=True):
        axes.annotate(
            name, (at, height), (4, 0), textcoords="offset points", va="center", fontsize=LETTERS, color=ink,
            annotation_clip=False,
        )  # fmt: skip


def spread(heights: Sequence[float], apart: float, least: float) -> list[float]:
    """Return sorted heights moved as little as needs be to lie so far apart, none of them below the least.

    Example:
        >>> spread([4.0, 4.5, 9.0], 1.0, 0.0), spread([0.0, 0.0, 1.5], 1.0, 0.0)
        ([3.75, 4.75, 9.0], [0.0, 1.0, 2.0])
    """
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _low(groups[-1], apart) - _high(groups[-2], apart) < apart - 1e-9:
            groups[-2:] = [groups[-2] + groups[-1]]
    moved: list[float] = []
    for height in (_low(group, apart) + number * apart for group in groups for number in range(len(group))):
        moved.append(max(height, moved[-1] + apart if moved else least))
    return moved


def by_car(cars: pd.DataFrame, laps: pd.DataFrame) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Yield each car that has laps with them."""
    own = dict(iter(laps.groupby("driver_id")))
    for car in cars.itertuples():
        if car.driver_id in own:
            yield car, own[car.driver_id]


def cross(axes: Axes, lap: float, height: float) -> None:
    """Mark where a car stopped for good."""
    axes.plot(lap, height, "x", color=INK, markersize=6, zorder=4, clip_on=False)


def _low(group: list[float], apart: float) -> float:
    return float(np.mean(group)) - apart * (len(group) - 1) / 2


def _high(group: list[float], apart: float) -> float:
    return float(np.mean(group)) + apart * (len(group) - 1) / 2
