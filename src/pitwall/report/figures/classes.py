"""Pictures of answers read as classes: what was said against what came true, and precision and hits at every threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DARK = 0.55  # a share from here on is written in white


def confusion_matrix_figure(counts: np.ndarray, names: Sequence[str], title: str, *, of: str = "rows") -> Figure:
    """Return counts of what came true (down) against what was said (across), shaded by the share of the line.

    Args:
        counts: classes x classes.
        names: of the classes.
        title: above.
        of: what is counted, e.g. cars.
    """
    width = 1.1 * len(names)
    figure = canvas(width + 2.6, width + 1.8)
    axes = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
    for (true, said), count in np.ndenumerate(counts):
        colour = "white" if share[true, said] > DARK else INK
        axes.text(said, true, f"{count:,}\n{share[true, said]:.0%}", ha="center", va="center", color=colour)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="said", ylabel="came true", title=f"{title}\n{counts.sum():,} {of}")
    figure.colorbar(image, ax=axes, label="share of what came true", shrink=0.8)
    return figure


def curves_figure(curves: Mapping[str, pd.DataFrame], shares: Mapping[str, float], title: str) -> Figure:
    """Return precision over recall, and hits over false alarms, at every threshold.

    Args:
        curves: {class: `precision`, `recall` and `false_alarms`, the highest threshold first}.
        shares: {class: how often it came true}, the precision of who always says it.
        title: above.
    """
    figure = canvas(9.5, 4.6)
    left, right = figure.subplots(1, 2)
    lines = dict(zip(curves, (ACCENT, *SERIES) if len(curves) == 1 else SERIES, strict=False))
    for name, colour in lines.items():
        curve, share = curves[name], shares[name]
        left.step(curve["recall"], curve["precision"], where="pre", color=colour, label=name)
        left.axhline(share, color=colour if len(curves) > 1 else MUTED, linestyle=":", linewidth=1)
        right.plot([0, *curve["false_alarms"]], [0, *curve["recall"]], color=colour, label=name)
    right.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1)
    _label(left, "recall: share of what came true", "precision: share of what was said", "dotted: always said")
    _label(right, "false alarms: share of what did not", "hits: share of what came true", "dotted: by chance")
    if len(curves) > 1:
        right.legend(frameon=False, loc="lower right")
    figure.suptitle(title)
    return figure


def _label(axes: Axes, across: str, up: str, title: str) -> None:
    axes.set(xlabel=across, ylabel=up, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_title(title, fontsize=9, color=INK)
