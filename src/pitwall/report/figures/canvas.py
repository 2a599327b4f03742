"""Figures on Agg canvases without pyplot: no display, no global state, no main thread, and the same bytes again."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 110


def canvas(width: float, height: float, constrained: bool = True) -> Figure:
    """Return an empty figure of so many inches; what is drawn on a constrained one makes room for its labels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _shown()(figsize=(width, height), layout="constrained" if constrained else None)
    FigureCanvasAgg(figure)
    return figure


@cache
def _shown() -> type[Figure]:
    """Return the class of figures that show themselves at the end of a notebook's cell: without pyplot nobody else does it."""
    from matplotlib.figure import Figure

    class Shown(Figure):  # type: ignore[misc]  # matplotlib is not typed here
        def _repr_png_(self) -> bytes:
            return png(self)

    return Shown


def png(figure: Figure, dpi: int = DPI) -> bytes:
    """Return a figure as PNG with so many dots per inch."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})  # no version in the bytes
    return stream.getvalue()


def write_png(figure: Figure, path: Path, dpi: int = DPI) -> Path:
    """Write a figure as PNG and return where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(figure, dpi))
    return path
