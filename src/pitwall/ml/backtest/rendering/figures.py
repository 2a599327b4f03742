"""The backtest as one PNG for a README: every model's loss with its interval, the gain by season, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pitwall.ml.backtest.scores import Scored
from pitwall.ml.backtest.under_way import season_name, span
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import Template
from pitwall.report.figures.calibration import draw_calibration
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.forest import draw_interval
from pitwall.report.figures.palette import ACCENT, INK, MUTED, SECOND

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"ours": ACCENT, "contender": SECOND, "baseline": MUTED, "truth": INK, "market": INK}
PANELS = 3


def write_summary(stages: Sequence[Scored], path: Path) -> Path:
    """Write one line of panels per stage, for the first question of the backtest, and return where it is."""
    figure = canvas(13.0, 4.0 * len(stages))
    panels = figure.subplots(len(stages), PANELS, squeeze=False)
    for line, each in zip(panels, stages, strict=True):
        template = headline(each)
        _losses(line[0], each, template)
        _seasons(line[1], each, template)
        plan = each.forecasts.plan
        own = by_estimator(each.forecasts.predictions)[plan.ours.name]
        how = plan.job.definition.answers.calibration
        bins = how.table(scored(template, own, plan.tables))
        draw_calibration(line[2], bins, "calibration of ours", legend=False, names=how.axes)
        line[2].set_ylim(-0.07, 1.05)  # a low panel: room for the count of the lowest bin
    return write_png(figure, path)


def headline(each: Scored) -> Template:
    """Return the question with the rarest event: the winner, if it was asked."""
    plan = each.forecasts.plan
    return min(plan.templates, key=lambda template: template.cars(plan.seasons[-1]) if template.cars else 0)


def _losses(axes: Axes, each: Scored, template: Template) -> None:
    rows = [
        row
        for row in each.rows
        if (row["template"], row["metric"], row["season"]) == (template.name, template.loss, "all")
        and row["model"] not in each.forecasts.plan.job.definition.answers.constants
    ]
    rows.sort(key=lambda row: -row["value"])
    for height, row in enumerate(rows):
        colour = COLOURS[row["role"]]
        draw_interval(axes, height, (row["value"], row["low"], row["high"]), colour, colour)
        axes.annotate(
            f"{row['value']:.2f}", (row["value"], height), (0, 6), textcoords="offset points", ha="center", fontsize=8
        )
    axes.set_yticks(range(len(rows)), [row["model"] for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(ACCENT if row["role"] == "ours" else INK)
    plan = each.forecasts.plan
    seasons = span(plan.seasons, plan.parts, until="-")
    axes.set(title=f"{template.name}, {plan.stage}, {seasons}", xlabel=f"{template.loss} with 95 % interval")
    axes.margins(y=0.15)
    axes.grid(axis="x", alpha=0.3)


def _seasons(axes: Axes, each: Scored, template: Template) -> None:
    """Draw the gain over the baseline to beat, season by season; positive bars are seasons in which ours was better."""
    scores, ours = each.per_race[template.name], each.forecasts.plan.ours.name
    other = each.forecasts.plan.baseline(template)
    gained = (scores[other][template.loss] - scores[ours][template.loss]).groupby(scores[ours]["season"])
    parts = each.forecasts.plan.parts
    mean, error = gained.mean(), gained.sem().fillna(0.0)
    axes.bar(mean.index, mean, yerr=1.96 * error, color=np.where(mean > 0, ACCENT, MUTED), ecolor=INK, capsize=2)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set(title=f"gain over {other} by season", ylabel=f"{template.loss} gained per race")
    axes.set_xticks(
        list(mean.index), [season_name(season, parts).replace(" (", "\n(") for season in mean.index], rotation=45
    )
