"""What came true against what was said: a square per pair of classes, shaded by its share of those that came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 0.6  # of a row: ink is light on a darker square


def confusion_figure(counts: pd.DataFrame, title: str) -> Figure:
    """Return counts of classes that came true (rows) by classes that were said (columns), with each row's shares.

    Args:
        counts: classes x classes, both in the order of the question.
        title: above.
    """
    shares = counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    size = len(counts)
    figure = canvas(2.6 + 1.1 * size, 2.0 + 0.8 * size)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
    for row in range(size):
        for column in range(size):
            share = float(shares.iloc[row, column])
            text = f"{counts.iloc[row, column]:,}\n{share:.0%}"
            axes.text(column, row, text, ha="center", va="center", color="white" if share > DARK else INK)
    axes.set_xticks(range(size), list(counts.columns))
    axes.set_yticks(range(size), list(counts.index))
    axes.set(xlabel="said: the likeliest class", ylabel="came true", title=title)
    return figure
