"""The pictures of a page: what was gained race by race, and which features moved, as PNG."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.monitoring.drift import DriftReport
from pitwall.report.content.blocks import Picture
from pitwall.report.figures.canvas import png
from pitwall.report.figures.over_time.races import over_races
from pitwall.report.figures.over_time.shades import shades_over_races
from pitwall.workflows.monitoring.found import ModelWatch

ROWS = 25  # features in a heat map: those that moved most
# The stability index with the darkest shade: 1, or that below which so many of the values lie, as with few cars much is chance.
FULL, MOST = 1.0, 0.95


def gained(model: ModelWatch) -> Picture:
    """Return the picture of a season's losses about the question by which a model is judged, else of its first one."""
    score = next((each for each in model.scores if each.decides), model.scores[0])
    losses = {"ours": np.array(score.ours), "baseline": np.array(score.baseline)}
    title = f"{model.name}, {score.question}: {score.metric} of {score.races[0][:4]}"
    figure = over_races(score.races, losses, title, unit=score.unit)
    return Picture(f"{model.name}-gained.png", title, png(figure), wide=True)


def moved(model: str, report: DriftReport) -> Picture | None:
    """Return the heat map of the stability index by race and feature; None where nothing is watched yet."""
    watched = {each.name for each in report.features}
    frame = report.psi_by_race[[name for name in report.psi_by_race.columns if name in watched]]
    if frame.empty:
        return None
    most = frame.max().fillna(0.0).sort_values(ascending=False, kind="stable").index[:ROWS]
    groups = {each.name: each.group for each in report.features}
    order = sorted(most, key=lambda name: (groups.get(str(name), ""), str(name)))
    alarmed = {each.name for each in report.features if each.alarm_since}
    names = [f"{name} *" if name in alarmed else str(name) for name in order]
    title = f"{model}: stability index (PSI) of each race against the reference"
    matrix = frame[order].to_numpy(float).T
    figure = shades_over_races(
        matrix,
        names,
        [str(each) for each in frame.index],
        title,
        label="PSI",
        full=max(FULL, float(pd.Series(matrix.ravel()).quantile(MOST))),
        marked=set(report.exempt),
    )
    caption = f"{len(order)} of {len(frame.columns)} features, those that moved most; * raised an alarm, hatched: an exempt race. No value is a bin of its own. Shown, nothing hangs on it"
    return Picture(f"{model}-drift.png", caption, png(figure), wide=True)
