"""Lap traces: the gap of every car to the leader over the laps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.report.figures.race.marks import LINES, by_car, colour, cross, end_labels, panel, shade, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABELS = 34  # names that fit above each other


def traces_figure(laps: pd.DataFrame, cars: pd.DataFrame, neutral: Mapping[int, str], title: str) -> Figure:
    """Return gaps to the leader, the leader on top.

    Args:
        laps: `driver_id`, `lap` and `gap` in s, sorted by lap; a null breaks the line.
        cars: one row per car, as classified: `driver_id`, `label`, `team_rank`, `second`, `retired`.
        neutral: {lap: why it was neutralised}.
        title: above.
    """
    last = int(laps["lap"].max())
    figure, axes = panel(title, last, up="gap to the leader (s)", note=f"{LINES}; cross: stopped for good")
    shade(axes, neutral)
    bottom = max(float(laps.loc[~laps["driver_id"].isin(_stopped(cars)), "gap"].max()), 1.0) * 1.03
    ends = []
    for car, own in by_car(cars, laps):
        axes.plot(own["lap"], own["gap"], **style(car))
        known = own.dropna(subset="gap")
        if known.empty:
            continue
        end = known.iloc[-1]
        if car.retired:
            cross(axes, end["lap"], min(end["gap"], bottom))
        else:
            ends.append((float(min(end["gap"], bottom)), car.label, colour(car)))
    end_labels(axes, ends, last, bottom / LABELS)
    axes.set_ylim(bottom, -bottom / 50)
    axes.grid(axis="y", alpha=0.25)
    return figure


def _stopped(cars: pd.DataFrame) -> pd.Series:
    """Return who stopped: a car that crawls home before it does so would set the scale for all."""
    return cars.loc[cars["retired"], "driver_id"]
