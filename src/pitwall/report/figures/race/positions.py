"""The lap chart: the place of every car at the end of each lap, from the grid to the flag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.report.figures.race.marks import LETTERS, LINES, by_car, colour, cross, end_labels, panel, shade, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def positions_figure(laps: pd.DataFrame, cars: pd.DataFrame, neutral: Mapping[int, str], title: str) -> Figure:
    """Return places over laps, the first on top; lap 0 is the grid.

    Args:
        laps: `driver_id`, `lap`, `place`, `pit` (null: not known), sorted by lap.
        cars: one row per car, as classified: `driver_id`, `label`, `grid` (null: not known or from the pit lane), `laps`, ...
        neutral: {lap: why it was neutralised}.
        title: above.
    """
    last, field = int(laps["lap"].max()), len(cars)
    slots = _slots(cars)
    note = f"lap 0 is the grid; {LINES}; dots: into or out of the pit; cross: stopped for good"
    figure, axes = panel(title, last, up="place at the end of the lap", note=note)
    shade(axes, neutral)
    ends = []
    for car, own in by_car(cars, laps):
        known = own.dropna(subset="place")
        over = [0, *known["lap"]]
        places = [slots[car.driver_id], *known["place"]]
        axes.plot(over, places, **style(car))
        into = known[known["pit"].fillna(False).astype(bool)]
        axes.plot(into["lap"], into["place"], "o", color=colour(car), markersize=3)
        if car.retired:
            cross(axes, over[-1], places[-1])
        else:
            ends.append((float(places[-1]), car.label, colour(car)))
    for car in cars.itertuples():
        if not car.laps:
            cross(axes, 0, slots[car.driver_id])
    axes.set_yticks([slots[driver] for driver in cars["driver_id"]], list(cars["label"]), fontsize=LETTERS)
    for label, car in zip(axes.get_yticklabels(), cars.itertuples(), strict=True):
        label.set_color(colour(car))
    end_labels(axes, ends, last, 0.9, 1.0)
    axes.set_ylim(max(field, *slots.values()) + 0.6, 0.4)
    return figure


def _slots(cars: pd.DataFrame) -> dict[int, float]:
    """Return where each car's line begins: its slot; cars without one stand behind all others."""
    behind = max(float(cars["grid"].max()) if cars["grid"].notna().any() else 0.0, float(cars["grid"].notna().sum()))
    slots, found = cars.set_index("driver_id")["grid"].to_dict(), {}
    for driver, slot in slots.items():
        if pd.isna(slot):
            behind += 1.0
        found[driver] = behind if pd.isna(slot) else float(slot)
    return found
