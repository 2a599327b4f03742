"""Interactive figures of a page, by Plotly, from plain numbers and labels: courses over races, calibration, shades, bars. Nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.report.content.blocks import Drawing
from pitwall.report.figures.calibration import AXES, are_levels
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
    name = f"figure-{sha256(figure.to_json().encode()).hexdigest()[:12]}"  # Plotly's own would be another each time
    return Drawing(
        str(figure.to_html(full_html=False, include_plotlyjs=False, config=CONFIG, div_id=name)), plotly=True
    )


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
        shown = name in (ours, baseline)
        if shown:
            dots = {"mode": "markers", "marker": {"size": 4, "color": colour, "opacity": 0.35}, "legendgroup": name}
            _course(figure, course, values[name], f"{name}, each race", "%{text}: %{y:.3f}", **dots)
        mean = np.cumsum(values[name]) / np.arange(1, len(values[name]) + 1)
        line = {"color": colour, "width": 2.5 if name == ours else 1.8}
        drawn = {"line": line, "legendgroup": name, "visible": True if shown else "legendonly"}
        _course(figure, course, mean, f"{name}, mean so far", "after %{text}: %{y:.3f}", **drawn)
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
        line = {"line": {"color": colour}}
        _course(figure, course, np.cumsum(gained[name]), f"over {name}", "after %{text}: %{y:.2f}", **line)
    return _seasons(figure, course)


def calibration(
    bins: Mapping[str, pd.DataFrame], title: str, *, of: str = "cars", axes: tuple[str, str] = AXES
) -> Figure:
    """Return forecast against observed share with 95 % bands, and below it the number of rows in each bin; levels hold none.

    Args:
        bins: {model: bins as `draw_calibration` takes them, with `low` and `high`, the ends of a bin}.
        title: of the figure.
        of: what is counted, e.g. cars.
        axes: what is forecast and what is observed, in words.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.09)
    above, below = {"row": 1, "col": 1}, {"row": 2, "col": 1}
    line = {"color": MUTED, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="perfect", line=line, **above)
    for (name, all_bins), colour in zip(bins.items(), (ACCENT, SECOND, *OTHERS), strict=False):
        filled = all_bins[all_bins["n"] > 0]
        seen, count, middle = filled["observed"], filled["n"], (filled["low"] + filled["high"]) / 2
        up, down = (filled["band_high"] - seen).clip(lower=0), (seen - filled["band_low"]).clip(lower=0)
        band = {"array": up, "arrayminus": down, "thickness": 1.2, "width": 3}
        own = {"name": name, "legendgroup": name}
        dots = {**own, "mode": "markers+lines", "line": {"color": colour, "width": 1}, "error_y": band}
        hover = f"forecast %{{x:.3f}}, seen %{{y:.3f}}, %{{customdata}} {of}"
        figure.add_scatter(x=filled["forecast"], y=seen, customdata=count, hovertemplate=hover, **dots, **above)
        bars = {**own, "showlegend": False, "textposition": "outside", "cliponaxis": False, "marker": {"color": colour}}
        if not are_levels(filled):
            figure.add_bar(x=middle, y=count, text=count, hovertemplate=f"%{{y}} {of}", **bars, **below)
    figure.update_yaxes(title_text=axes[1], range=[-0.02, 1.05], **above)
    figure.update_yaxes(title_text=f"{of} (log)", type="log", dtick=1, **below)
    figure.update_xaxes(title_text=axes[0], range=[-0.02, 1.02], **below)
    return dressed(figure, title, 560)


def heat_map(matrix: np.ndarray, rows: Sequence[str], title: str, place: str = "finishing place") -> Figure:
    """Return things x places as shades, the places counted from 1; `place` says what they are."""
    figure = _figure(title, "", 140 + 22 * len(matrix))
    places, bar = list(range(1, matrix.shape[1] + 1)), {"title": "P", "tickformat": ".0%"}
    hover = "%{y} in place %{x}: %{z:.1%}<extra></extra>"
    figure.add_heatmap(z=matrix, x=places, y=list(rows), colorscale="Reds", zmin=0, colorbar=bar, hovertemplate=hover)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title_text=place, dtick=1)
    return figure


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
    ends = {"array": high - value, "arrayminus": value - low, "color": INK}
    figure = _figure(title, "", 130 + 34 * len(names))
    bar = {"orientation": "h", "marker": {"color": ACCENT}, "hovertemplate": "%{y}: %{x:.4f}<extra></extra>"}
    figure.add_bar(x=value, y=[names[number] for number in order], error_x=ends, **bar)
    figure.update_xaxes(title_text=unit)
    figure.update_yaxes(automargin=True)
    return figure


def by_round(means: Mapping[str, pd.DataFrame], title: str, *, unit: str) -> Figure:
    """Return means by race of the season with standard errors, the first model behind.

    Args:
        means: {model: `mean`, `sem` and `size` by race of the season}.
        title: above.
        unit: of the means.
    """
    figure = _figure(title, unit)
    for (name, values), colour in zip(means.items(), (SECOND, ACCENT, *OTHERS), strict=False):
        errors = {"array": values["sem"].fillna(0.0), "thickness": 1, "width": 2}
        line = {"mode": "lines+markers", "line": {"color": colour}, "error_y": errors, "customdata": values["size"]}
        hover = "race %{x}: %{y:.3f}, %{customdata} seasons"
        figure.add_scatter(x=values.index, y=values["mean"], name=name, hovertemplate=hover, **line)
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


def _figure(title: str, y: str, height: int = 400) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_yaxes(title_text=y)
    return dressed(figure, title, height)


def dressed(figure: Figure, title: str, height: int) -> Figure:
    """Give a figure its title and the look that all figures of pages share."""
    font = {"family": "system-ui, sans-serif", "color": INK, "size": 12}
    margin, legend = {"l": 60, "r": 20, "t": 50, "b": 50}, {"orientation": "v", "font": {"size": 11}}
    shown = {"title": {"text": title, "font": {"size": 15}}, "template": "plotly_white", "font": font}
    figure.update_layout(height=height, margin=margin, legend=legend, **shown)
    return figure
