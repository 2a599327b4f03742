"""Interactive figures of a page, by Plotly, from plain numbers and labels: courses over races, calibration, shades, bars. Nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.report.blocks import Drawing
from pitwall.report.figures.palette import ACCENT, INK, MUTED, OTHERS, SECOND

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Values = Mapping[str, np.ndarray]
CONFIG = {"displaylogo": False, "responsive": True}


@dataclass(frozen=True)
class Course:
    """What the values of a course stand for, in time order: a label each, and the tick of the season it lies in."""

    labels: Sequence[str]
    seasons: Sequence[str]


def embed(figure: Figure) -> Drawing:
    """Return a figure as part of a page, which holds Plotly once."""
    return Drawing(str(figure.to_html(full_html=False, include_plotlyjs=False, config=CONFIG)), plotly=True)


def running_mean(values: Values, course: Course, ours: str, baseline: str, title: str, *, unit: str) -> Figure:
    """Return each race's value and the running mean of every model; models beside ours and the baseline are off.

    Args:
        values: {model: value by race}.
        course: the races.
        ours: model drawn in front.
        baseline: the one to beat.
        title: above.
        unit: of the values.
    """
    figure = _figure(title, unit)
    for name, colour in _colours(values, ours, baseline).items():
        mean = np.cumsum(values[name]) / np.arange(1, len(values[name]) + 1)
        line = {"color": colour, "width": 2.5 if name == ours else 1.8}
        if name in (ours, baseline):
            marker = {"size": 4, "color": colour, "opacity": 0.35}
            _course(
                figure,
                course,
                values[name],
                f"{name}, each race",
                "%{text}: %{y:.3f}",
                mode="markers",
                marker=marker,
                legendgroup=name,
            )
        shown = True if name in (ours, baseline) else "legendonly"
        _course(
            figure,
            course,
            mean,
            f"{name}, mean so far",
            "after %{text}: %{y:.3f}",
            line=line,
            visible=shown,
            legendgroup=name,
        )
    return _seasons(figure, course)


def cumulative(gained: Values, course: Course, title: str, *, unit: str) -> Figure:
    """Return the summed gain over each other model: a line that rises is skill, a flat one is luck.

    Args:
        gained: {model: gain over it by race}.
        course: the races.
        title: above.
        unit: of the gains.
    """
    figure = _figure(title, unit)
    figure.add_hline(y=0, line={"color": MUTED, "width": 1})
    for name, colour in _colours(gained).items():
        _course(
            figure, course, np.cumsum(gained[name]), f"over {name}", "after %{text}: %{y:.2f}", line={"color": colour}
        )
    return _seasons(figure, course)


def calibration(bins: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """Return forecast against observed share with 95 % bands, and below it the number of cars in each bin.

    Args:
        bins: {model: bins as `draw_calibration` takes them, with `low` and `high`, the ends of a bin}.
        title: of the figure.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.09)
    perfect = {"color": MUTED, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="perfect", line=perfect, row=1, col=1)
    for (name, all_bins), colour in zip(bins.items(), (ACCENT, SECOND, *OTHERS), strict=False):
        filled = all_bins[all_bins["n"] > 0]
        up, down = filled["band_high"] - filled["observed"], filled["observed"] - filled["band_low"]
        figure.add_scatter(
            x=filled["forecast"],
            y=filled["observed"],
            mode="markers+lines",
            name=name,
            legendgroup=name,
            line={"color": colour, "width": 1},
            error_y={"array": up.clip(lower=0), "arrayminus": down.clip(lower=0), "thickness": 1.2, "width": 3},
            customdata=filled["n"],
            hovertemplate="forecast %{x:.3f}, seen %{y:.3f}, %{customdata} cars",
            row=1,
            col=1,
        )
        figure.add_bar(
            x=(filled["low"] + filled["high"]) / 2,
            y=filled["n"],
            name=name,
            legendgroup=name,
            showlegend=False,
            text=filled["n"],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colour},
            hovertemplate="%{y} cars",
            row=2,
            col=1,
        )
    figure.update_yaxes(title_text="observed share", range=[-0.02, 1.05], row=1, col=1)
    figure.update_yaxes(title_text="cars (log)", type="log", dtick=1, row=2, col=1)
    figure.update_xaxes(title_text="forecast probability", range=[-0.02, 1.02], row=2, col=1)
    return _dressed(figure, title, 560)


def heat_map(matrix: np.ndarray, rows: Sequence[str], title: str) -> Figure:
    """Return things x places as shades, the places counted from 1."""
    figure = _figure(title, "")
    figure.add_heatmap(
        z=matrix,
        x=list(range(1, matrix.shape[1] + 1)),
        y=list(rows),
        colorscale="Reds",
        zmin=0,
        colorbar={"title": "P", "tickformat": ".0%"},
        hovertemplate="%{y} in place %{x}: %{z:.1%}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title_text="finishing place", dtick=1)
    return _dressed(figure, title, 140 + 22 * len(matrix))


def bars(names: Sequence[str], values: np.ndarray, title: str, *, unit: str) -> Figure:
    """Return horizontal bars with their intervals, the largest on top.

    Args:
        names: of the bars.
        values: value, low and high per bar.
        title: above.
        unit: of the values.
    """
    order = np.argsort(values[:, 0], kind="stable")
    value, low, high = values[order].T
    figure = _figure("", "")
    figure.add_bar(
        x=value,
        y=[names[number] for number in order],
        orientation="h",
        marker={"color": ACCENT},
        error_x={"array": high - value, "arrayminus": value - low, "color": INK},
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    figure.update_xaxes(title_text=unit)
    figure.update_yaxes(automargin=True)
    return _dressed(figure, title, 130 + 34 * len(names))


def by_round(means: Mapping[str, pd.DataFrame], title: str, *, unit: str) -> Figure:
    """Return means by race of the season with standard errors, the first model behind.

    Args:
        means: {model: `mean`, `sem` and `size` by race of the season}.
        title: above.
        unit: of the means.
    """
    figure = _figure(title, unit)
    for (name, values), colour in zip(means.items(), (SECOND, ACCENT, *OTHERS), strict=False):
        figure.add_scatter(
            x=values.index,
            y=values["mean"],
            mode="lines+markers",
            name=name,
            line={"color": colour},
            error_y={"array": values["sem"].fillna(0.0), "thickness": 1, "width": 2},
            customdata=values["size"],
            hovertemplate="race %{x}: %{y:.3f}, %{customdata} seasons",
        )
    figure.update_xaxes(title_text="race of the season", dtick=1)
    return figure


def _course(figure: Figure, course: Course, y: np.ndarray, name: str, hover: str, **style: Any) -> None:
    x = np.arange(1, len(y) + 1)
    figure.add_scatter(x=x, y=y, name=name, text=list(course.labels), hovertemplate=hover, **{"mode": "lines", **style})


def _colours(values: Values, ours: str = "", baseline: str = "") -> dict[str, str]:
    """Return the models in drawing order with their colours, ours last so that it lies on top."""
    rest = [name for name in sorted(values) if name not in (ours, baseline)]
    colours = {name: OTHERS[number % len(OTHERS)] for number, name in enumerate(rest)}
    return colours | {name: colour for name, colour in ((baseline, SECOND), (ours, ACCENT)) if name in values}


def _seasons(figure: Figure, course: Course) -> Figure:
    """Mark where each season begins, instead of numbering races."""
    starts = {season: len(course.seasons) - number for number, season in enumerate(reversed(course.seasons))}
    ticks = sorted(starts.items(), key=lambda each: each[1])
    figure.update_xaxes(tickvals=[at for _, at in ticks], ticktext=[season for season, _ in ticks], showgrid=True)
    return figure


def _figure(title: str, y: str) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_yaxes(title_text=y)
    return _dressed(figure, title, 400)


def _dressed(figure: Figure, title: str, height: int) -> Figure:
    figure.update_layout(
        title={"text": title, "font": {"size": 15}},
        height=height,
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "color": INK, "size": 12},
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        legend={"orientation": "v", "font": {"size": 11}},
    )
    return figure
