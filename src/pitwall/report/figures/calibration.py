"""Forecast against observed share: how often what is forecast at 30 % happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def calibration_figure(bins: pd.DataFrame, title: str) -> Figure:
    """Return the figure of one forecaster; `bins` as `draw_calibration` takes them."""
    figure = canvas(6.0, 5.5)
    draw_calibration(figure.subplots(), bins, title)
    return figure


def draw_calibration(axes: Axes, bins: pd.DataFrame, title: str, *, legend: bool = True) -> None:
    """Draw forecast against observed share with 95 % bands, and how much each bin holds.

    Args:
        axes: to draw on.
        bins: one row per bin of forecasts with `n`, `forecast` (mean), `observed` (share), `band_low` and `band_high`.
        title: above.
        legend: say what line and bars are, where there is room for it.
    """
    filled = bins[bins["n"] > 0]
    band = np.abs(filled[["band_low", "band_high"]].to_numpy().T - filled["observed"].to_numpy())
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", label="perfect")
    axes.errorbar(
        filled["forecast"], filled["observed"], yerr=band, fmt="o", color=ACCENT, capsize=3, label="95 % band"
    )
    for row in filled.itertuples():
        axes.annotate(f"n={row.n}", (row.forecast, row.observed), (6, -10), textcoords="offset points", fontsize=8)
    axes.set(
        xlabel="forecast probability", ylabel="observed share", title=title, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    if legend:
        axes.legend(frameon=False, loc="upper left")
