"""Something of many things race by race as shades: one row per thing, one column per race, from none to a value that is called full."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import MUTED, PAPER

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def shades_over_races(
    matrix: np.ndarray,
    rows: Sequence[str],
    races: Sequence[str],
    title: str,
    *,
    label: str,
    full: float,
    marked: Collection[str] = (),
) -> Figure:
    """Return the figure; what is unknown stays pale.

    Args:
        matrix: things x races, NaN where nothing is known.
        rows: labels of the things.
        races: labels of the races, in time order.
        title: above.
        label: of the values.
        full: the value from which on the shade is the darkest.
        marked: races that are hatched.
    """
    figure = canvas(max(5.0, 0.36 * len(races) + 3.4), 0.24 * len(rows) + 1.8)
    axes = figure.subplots()
    axes.set_facecolor(PAPER)
    image = axes.imshow(np.ma.masked_invalid(matrix), cmap="Reds", aspect="auto", vmin=0.0, vmax=full)
    for at, race in enumerate(races):
        if race in marked:
            axes.axvspan(at - 0.5, at + 0.5, facecolor="none", edgecolor=MUTED, hatch="///", linewidth=0)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    axes.set_xticks(range(len(races)), races, rotation=60, ha="right", fontsize=8)
    axes.set_title(title, fontsize=10)
    figure.colorbar(image, ax=axes, label=label, extend="max")
    return figure
