"""Things against outcomes as shades: one row per car, one column per place."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import CAUTION

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LETTERS = 140  # of a note, on one line


def heat_map(
    matrix: np.ndarray,
    rows: Sequence[str],
    title: str,
    *,
    outcome: str = "finishing place",
    label: str = "probability",
    colours: str = "Reds",
    notes: Sequence[str] = (),
    columns: Sequence[str] = (),
    full: float | None = None,
) -> Figure:
    """Return a matrix as shades, its columns counted from 1 or named; what is not known stays blank.

    Args:
        matrix: things x outcomes.
        rows: labels of the things.
        title: above.
        outcome: what the columns are.
        label: of the values.
        colours: a sequential map of Matplotlib.
        notes: what must be known to read the numbers right; below, one a line.
        columns: names of the outcomes, where they are no numbers.
        full: value from which on the shade is the darkest; the largest one when None.
    """
    things, outcomes = matrix.shape
    figure = canvas(max(8.0, 0.3 * outcomes + 3.0) if columns else 8.0, 0.26 * things + 1.6)
    axes = figure.subplots()
    image = axes.imshow(matrix, cmap=colours, aspect="auto", vmin=0.0, vmax=full)
    axes.set_yticks(range(things), rows, fontsize=8)
    named = list(columns) or [str(number + 1) for number in range(outcomes)]
    axes.set_xticks(range(outcomes), named, fontsize=8, rotation=90 if columns else 0)
    axes.set(xlabel=outcome, title=title)
    figure.colorbar(image, ax=axes, label=label, extend="neither" if full is None else "max")
    if notes:
        lines = "\n".join(fill(note, LETTERS) for note in notes)
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=7, color=CAUTION)
    return figure
