"""Forecast against observed share: how often what is forecast at 30 % happens, or how often a number lies below its 30 % quantile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


AXES = ("forecast probability", "observed share")


def calibration_figure(bins: pd.DataFrame, title: str, *, names: tuple[str, str] = AXES) -> Figure:
    """Return the figure of one forecaster; the arguments are those of `draw_calibration`."""
    figure = canvas(6.0, 5.5)
    draw_calibration(figure.subplots(), bins, title, names=names)
    return figure


def draw_calibration(
    axes: Axes, bins: pd.DataFrame, title: str, *, legend: bool = True, names: tuple[str, str] = AXES
) -> None:
    """Draw forecast against observed share with 95 % bands, and how much each bin holds.

    Args:
        axes: to draw on.
        bins: one row per bin of forecasts with `n`, `forecast` (mean), `observed` (share), `band_low` and `band_high`; where
            its ends `low` and `high` are given and the same, it is a level, for which every row counts.
        title: above.
        legend: say what line and bars are, where there is room for it.
        names: of what is forecast and what is observed.
    """
    filled = bins[bins["n"] > 0]
    band = np.abs(filled[["band_low", "band_high"]].to_numpy().T - filled["observed"].to_numpy())
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", label="perfect")
    axes.errorbar(
        filled["forecast"], filled["observed"], yerr=band, fmt="o", color=ACCENT, capsize=3, label="95 % band"
    )
    for row in filled.itertuples() if not are_levels(filled) else ():
        axes.annotate(f"n={row.n}", (row.forecast, row.observed), (6, -10), textcoords="offset points", fontsize=8)
    axes.set(xlabel=names[0], ylabel=names[1], title=title, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    if legend:
        axes.legend(frameon=False, loc="upper left")


def are_levels(bins: pd.DataFrame) -> bool:
    """Return whether these are levels of quantiles, for each of which all rows count, and no bins that share the rows."""
    return {"low", "high"} <= set(bins) and bool((bins["low"] == bins["high"]).all())
