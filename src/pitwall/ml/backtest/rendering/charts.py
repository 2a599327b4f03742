"""The charts of a backtest report, as Plotly figures. Every function takes numbers and returns a figure; nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.ml.families import metric as known_metric
from pitwall.ml.families.order.answer import place_columns
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.shared.events import calibration_table

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

INK, MUTED, ACCENT, SECOND = "#1f2933", "#9aa5b1", "#c81d25", "#1d6fb8"
OTHERS = ("#7b8794", "#b08968", "#6a994e", "#8e7dbe", "#d08c60", "#4d908e", "#577590", "#a44a3f")


def running_mean(scores: Mapping[str, pd.Series], races: pd.DataFrame, ours: str, baseline: str, metric: str) -> Figure:
    """Return the score of each race and the running mean of every model; models beside ours and the baseline are off.

    Args:
        scores: {model: value by race_id}.
        races: race_id, season, round, label and the season's tick, in time order.
        ours: model drawn in front.
        baseline: the one to beat.
        metric: name of the score.
    """
    figure = _figure(f"{metric} by race, and its running mean", f"{metric} ({_better(metric)})")
    for name, colour in _colours(scores, ours, baseline).items():
        values = scores[name].reindex(races["race_id"]).to_numpy()
        shown = True if name in (ours, baseline) else "legendonly"
        mean = np.cumsum(values) / np.arange(1, len(values) + 1)
        if name in (ours, baseline):
            figure.add_scatter(
                x=_ticks(races),
                y=values,
                mode="markers",
                name=f"{name}, each race",
                legendgroup=name,
                marker={"size": 4, "color": colour, "opacity": 0.35},
                text=races["label"],
                hovertemplate="%{text}: %{y:.3f}",
            )
        figure.add_scatter(
            x=_ticks(races),
            y=mean,
            mode="lines",
            name=f"{name}, mean so far",
            legendgroup=name,
            visible=shown,
            line={"color": colour, "width": 2.5 if name == ours else 1.8},
            text=races["label"],
            hovertemplate="after %{text}: %{y:.3f}",
        )
    return _seasons(figure, races)


def cumulative_skill(scores: Mapping[str, pd.Series], races: pd.DataFrame, ours: str, metric: str) -> Figure:
    """Return the summed gain of ours over each other model: a line that rises is skill, a flat one is luck."""
    figure = _figure(f"Cumulative skill: {metric} gained by {ours}, summed over races", f"{metric} gained")
    sign = -1.0 if known_metric(metric).higher_is_better else 1.0
    mine = scores[ours].reindex(races["race_id"]).to_numpy()
    figure.add_hline(y=0, line={"color": MUTED, "width": 1})
    for name, colour in _colours(scores, ours, "").items():
        if name != ours:
            gained = np.cumsum(sign * (scores[name].reindex(races["race_id"]).to_numpy() - mine))
            figure.add_scatter(
                x=_ticks(races),
                y=gained,
                mode="lines",
                name=f"over {name}",
                line={"color": colour},
                text=races["label"],
                hovertemplate="after %{text}: %{y:.2f}",
            )
    return _seasons(figure, races)


def calibration(cars: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str) -> Figure:
    """Return forecast against observed share with 95 % bands, and below it the number of cars in each bin.

    Args:
        cars: {model: (probability, label) per car}.
        title: of the figure.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.09)
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="perfect", line={"color": MUTED, "dash": "dash"}, row=1, col=1
    )
    for (name, (probability, label)), colour in zip(cars.items(), (ACCENT, SECOND, *OTHERS), strict=False):
        table = calibration_table(probability, label)
        table = table[table["n"] > 0]
        up, down = table["band_high"] - table["observed"], table["observed"] - table["band_low"]
        figure.add_scatter(
            x=table["forecast"],
            y=table["observed"],
            mode="markers+lines",
            name=name,
            legendgroup=name,
            line={"color": colour, "width": 1},
            error_y={"array": up.clip(lower=0), "arrayminus": down.clip(lower=0), "thickness": 1.2, "width": 3},
            customdata=table["n"],
            hovertemplate="forecast %{x:.3f}, seen %{y:.3f}, %{customdata} cars",
            row=1,
            col=1,
        )
        middle = (table["low"] + table["high"]) / 2
        figure.add_bar(
            x=middle,
            y=table["n"],
            name=name,
            legendgroup=name,
            showlegend=False,
            text=table["n"],
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


def heat_map(race: pd.DataFrame, names: Mapping[int, str], title: str) -> Figure:
    """Return P(place) of one race, cars by expected place."""
    figure = _figure(title, "")
    matrix = race[place_columns(race)].to_numpy()[:, : len(race)]
    order = np.argsort(expected_place(matrix), kind="stable")
    figure.add_heatmap(
        z=matrix[order],
        x=list(range(1, len(race) + 1)),
        y=[str(names.get(int(driver), driver)) for driver in race["driver_id"].to_numpy()[order]],
        colorscale="Reds",
        zmin=0,
        colorbar={"title": "P", "tickformat": ".0%"},
        hovertemplate="%{y} in place %{x}: %{z:.1%}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title_text="finishing place", dtick=1)
    return _dressed(figure, title, 140 + 22 * len(race))


def importance(rows: Sequence[Mapping[str, Any]], metric: str) -> Figure:
    """Return how much the loss grows when a feature group is shuffled, largest on top."""
    figure = _figure("", "")
    ordered = sorted(rows, key=lambda row: float(row["value"]))
    values = np.array([[row["value"], row["low"], row["high"]] for row in ordered], dtype=np.float64)
    figure.add_bar(
        x=values[:, 0],
        y=[row["group"] for row in ordered],
        orientation="h",
        marker={"color": ACCENT},
        error_x={"array": values[:, 2] - values[:, 0], "arrayminus": values[:, 0] - values[:, 1], "color": INK},
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    figure.update_xaxes(title_text=f"{metric} lost when the group is shuffled within each race")
    figure.update_yaxes(automargin=True)
    return _dressed(figure, "Permutation importance by feature group, with 95 % intervals", 130 + 34 * len(ordered))


def by_round(scores: Mapping[str, pd.Series], races: pd.DataFrame, ours: str, baseline: str, metric: str) -> Figure:
    """Return the mean score by race of the season, ours beside the baseline: what a new pecking order costs."""
    figure = _figure(f"{metric} by race of the season, mean over seasons with standard error", f"mean {metric}")
    rounds = races.set_index("race_id")["round"]
    for name, colour in ((baseline, SECOND), (ours, ACCENT)):
        values = scores[name].groupby(rounds.reindex(scores[name].index)).agg(["mean", "sem", "size"])
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


def _colours(scores: Mapping[str, pd.Series], ours: str, baseline: str) -> dict[str, str]:
    """Return the models in drawing order with their colours, ours last so that it lies on top."""
    rest = [name for name in sorted(scores) if name not in (ours, baseline)]
    colours = {name: OTHERS[number % len(OTHERS)] for number, name in enumerate(rest)}
    return colours | ({baseline: SECOND} if baseline in scores else {}) | {ours: ACCENT}


def _ticks(races: pd.DataFrame) -> np.ndarray:
    return np.arange(1, len(races) + 1)


def _seasons(figure: Figure, races: pd.DataFrame) -> Figure:
    """Mark where each season begins, instead of numbering races."""
    first = ~races["season"].duplicated()
    start = _ticks(races)[first.to_numpy()]
    figure.update_xaxes(tickvals=start, ticktext=races.loc[first, "tick"], showgrid=True)
    return figure


def _better(metric: str) -> str:
    return "higher is better" if known_metric(metric).higher_is_better else "lower is better"


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
