"""The same pictures of runs for pages, by Plotly: a run says its name and its parameters where somebody points at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.report.figures.interactive import dressed
from pitwall.report.figures.palette import ACCENT, MUTED, SERIES
from pitwall.report.figures.scales import by_logarithm, places

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 520
TICKS = 6
GOOD = "Viridis"


def learning(curves: Mapping[str, Sequence[tuple[int, float]]], label: str) -> Figure:
    """Return a line for each run, which its name in the legend hides and shows."""
    import plotly.express as px

    rows = [(run, step, value) for run, curve in curves.items() for step, value in curve]
    frame = pd.DataFrame(rows, columns=["run", "step", label])
    logarithm = by_logarithm(frame[label].to_numpy())
    figure = px.line(frame, "step", label, color="run", log_y=logarithm, color_discrete_sequence=SERIES)
    return dressed(figure, f"{label} by step", HEIGHT)


def parallel(columns: Mapping[str, Sequence[object]], values: np.ndarray, label: str, sign: float = 1.0) -> Figure:
    """Return one line per run through an axis for each parameter and one for the metric; a stretch of any axis can be chosen.

    Args:
        columns: {parameter: its value in each run, none missing}.
        values: of the metric.
        label: of the metric.
        sign: 1 where lower is better, -1 where higher is; good runs are dark.
    """
    from plotly.graph_objects import Figure, Parcoords

    axes = [_dimension(name, list(own)) for name, own in [*columns.items(), (label, list(values))]]
    line = {"color": values, "colorscale": GOOD, "reversescale": sign < 0, "showscale": True}
    figure = dressed(Figure(Parcoords(dimensions=axes, line=line)), f"{label} by parameters", HEIGHT)
    return figure.update_layout(margin={"l": 90, "r": 60, "t": 100, "b": 40})


def scatter(frame: pd.DataFrame, x: str, y: str, color: str | None) -> Figure:
    """Return a parameter against a metric; the frame has a column `run` and those of the arguments, all others are told where somebody points."""
    import plotly.express as px

    logarithm = x != color and pd.api.types.is_numeric_dtype(frame[x]) and by_logarithm(frame[x].to_numpy())
    told = [name for name in frame if name not in {"run", x, y}]
    look = {"color_discrete_sequence": SERIES, "color_continuous_scale": "Viridis_r"}
    figure = px.scatter(frame, x, y, color=color, hover_name="run", hover_data=told, log_x=logarithm, **look)
    return dressed(figure.update_traces(marker_size=9), f"{y} by {x}", HEIGHT)


def importances(shares: Mapping[str, float], label: str) -> Figure:
    """Return a bar for each parameter, the largest on top."""
    import plotly.express as px

    names = sorted(shares, key=lambda name: shares[name])
    axis = f"share of the differences in {label}"
    figure = px.bar(pd.DataFrame({"parameter": names, axis: [shares[name] for name in names]}), axis, "parameter")
    return dressed(figure, f"What explains {label}", 140 + 30 * len(names))


def tradeoff(frame: pd.DataFrame, x: str, y: str, size: str | None) -> Figure:
    """Return quality against cost; the frame has `run`, the columns of the arguments and `best`, which is true on the front."""
    import plotly.express as px

    words = frame.assign(best=np.where(frame["best"], "no other is better in all", "the others"))
    colours = {"no other is better in all": ACCENT, "the others": MUTED}
    logarithm = by_logarithm(frame[x].to_numpy())
    look: dict[str, Any] = {"color_discrete_map": colours, "log_x": logarithm, "size_max": 30}
    figure = px.scatter(words, x, y, color="best", size=size, hover_name="run", **look)
    figure.update_traces(marker_sizemin=5).update_layout(legend_title_text="")
    return dressed(figure, f"{y} against {x}", HEIGHT)


def _dimension(name: str, values: list[object]) -> dict[str, Any]:
    at, names = places(values)
    if names:
        return {"label": name, "values": at, "tickvals": list(range(len(names))), "ticktext": names}
    if not by_logarithm(at):
        return {"label": name, "values": at}
    marks = np.linspace(np.log10(at.min()), np.log10(at.max()), TICKS)
    return {"label": name, "values": np.log10(at), "tickvals": marks, "ticktext": [f"{10**mark:.2g}" for mark in marks]}
