"""Pictures of a card as PNG bytes: the same numbers give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from pitwall.ml.gates._losses import Mean
from pitwall.ml.training.figures import ACCENT, DPI, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def png(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})  # no version in the bytes
    return stream.getvalue()


def forest(panels: Mapping[str, Mapping[str, Mean]]) -> Figure:
    """Return one panel per question: the gain in each kind of race with its interval, zero as the line to stay right of."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(name for means in panels.values() for name in means))
    figure = Figure(figsize=(3.2 * len(panels) + 1.2, 0.45 * len(names) + 1.3), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (title, means) in zip(
        np.atleast_1d(figure.subplots(1, len(panels), sharey=True)), panels.items(), strict=True
    ):
        axes.axvline(0.0, color=MUTED, linewidth=1)
        for row, mean in ((names.index(name), mean) for name, mean in means.items()):
            axes.plot([mean.low, mean.high], [row, row], color=INK, linewidth=1.5)
            axes.plot(mean.value, row, "o", color=ACCENT, markersize=5)
        counts = {name: mean.n for each in panels.values() for name, mean in each.items()}
        axes.set_yticks(range(len(names)), [f"{name} ({counts[name]})" for name in names])
        axes.locator_params(axis="x", nbins=4)
        axes.set(title=title, xlabel="gain (better →)", ylim=(len(names) - 0.5, -0.5))
    return figure
