"""Pace: how the free laps of each car are spread, the quickest car first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import INK
from pitwall.report.figures.race.marks import HEIGHT, LETTERS, WIDTH, colour, head

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEWEST = 5  # laps of which the shape of a spread can be told; fewer are shown one by one
WIDTH_OF_KERNEL = 0.3  # of the spread: wet and dry laps of one race are two humps
SHOWN = 0.98  # of all free laps: slower ones would press the others together


def pace_figure(laps: pd.DataFrame, cars: pd.DataFrame, title: str, *, stops_known: bool = True) -> Figure:
    """Return a violin per car with its median, by the median.

    Args:
        laps: free laps: `driver_id`, `seconds`.
        cars: one row per car: `driver_id`, `label`, `team_rank`.
        title: above.
        stops_known: whether laps into and out of the pit were left out.
    """
    known = dict(iter(laps.groupby("driver_id")["seconds"]))
    found = [car for car in cars.itertuples() if car.driver_id in known]
    found.sort(key=lambda car: float(known[car.driver_id].median()))
    low, high = float(laps["seconds"].min()), float(laps["seconds"].quantile(SHOWN))
    figure = canvas(WIDTH, HEIGHT)
    axes = figure.subplots()
    names = []
    for number, car in enumerate(found):
        seconds = known[car.driver_id].to_numpy(dtype=np.float64)
        _draw(axes, number, seconds[seconds <= high], colour(car))
        median = float(np.median(seconds))
        axes.plot([number - 0.3, number + 0.3], [median, median], color=INK, linewidth=1.6)
        names.append(f"{car.label}\n{len(seconds)}")
    axes.set_xticks(range(len(names)), names, fontsize=LETTERS)
    edge = 0.03 * max(high - low, 0.1)
    axes.set(ylabel="lap time (s)", xlabel="by median (line); below the name: free laps")
    axes.set(xlim=(-0.7, len(names) - 0.3), ylim=(low - edge, high + edge))
    pit = "not into or out of the pit" if stops_known else "stops not known and not left out"
    free = f"free laps: after the first, {pit}, not neutralised"
    head(axes, title, f"{free}; the {int((laps['seconds'] > high).sum())} slower than {high:.1f} s are not drawn")
    axes.grid(axis="y", alpha=0.25)
    return figure


def _draw(axes: Axes, number: int, seconds: np.ndarray, shade: str) -> None:
    """Draw the spread of some laps as a violin, or each of them where they are few."""
    if len(seconds) < FEWEST or not np.ptp(seconds) > 0:
        axes.plot(np.full(len(seconds), number), seconds, ".", color=shade)
        return
    drawn: Any = axes.violinplot(seconds, positions=[number], widths=0.85, showextrema=False, bw_method=WIDTH_OF_KERNEL)
    for body in drawn["bodies"]:
        body.set(facecolor=shade, edgecolor=INK, linewidth=0.5, alpha=0.75)
