"""A figure shows itself at the end of a cell, where no pyplot does it."""

from __future__ import annotations

from pitwall.report.figures.bars import signed_bars_figure
from pitwall.report.figures.canvas import png


def test_a_figure_shows_itself_in_a_notebook():
    figure = signed_bars_figure({"up": 1.0, "down": -0.5}, "both sides", label="nats")
    assert figure._repr_png_() == png(figure)
    assert png(figure).startswith(b"\x89PNG")
