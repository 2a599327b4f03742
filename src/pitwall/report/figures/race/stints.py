"""Stints: which tyres each car ran from which lap to which, in the order of the classification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from pitwall.report.figures.palette import INK, MUTED, TYRES
from pitwall.report.figures.race.marks import LETTERS, cross, panel, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNKNOWN = (MUTED, "#ffffff")
NARROW = 3  # laps that hold no text


def stints_figure(stints: pd.DataFrame, cars: pd.DataFrame, neutral: Mapping[int, str], title: str) -> Figure:
    """Return a bar per stint: the letter of its tyre and its laps, hatched where the set had been used before.

    Args:
        stints: `driver_id`, `first`, `last`, `laps`, `compound` (null: not known), `used_laps` (null: not known).
        cars: one row per car, as classified: `driver_id`, `label`, `retired`, `laps`.
        neutral: {lap: why it was neutralised}.
        title: above.
    """
    known = [name for name in TYRES if name in set(stints["compound"].dropna())]
    told = ", ".join(f"{_letter(name)} {name.lower()}" for name in known) or "which tyres is not known"
    note = f"{told}{'; hatched: a used set' if known else ''}; cross: stopped for good"
    laps = int(stints["last"].max())
    figure, axes = panel(title, laps, up="as classified", note=note, height=1.6 + 0.27 * len(cars))
    shade(axes, neutral)
    rows = {car.driver_id: number for number, car in enumerate(cars.itertuples())}
    for stint in stints.itertuples():
        if stint.driver_id in rows:
            _bar(axes, stint, rows[stint.driver_id])
    for car in cars.itertuples():
        if car.retired:
            cross(axes, car.laps + 0.5, rows[car.driver_id])
    axes.set_yticks(range(len(cars)), list(cars["label"]), fontsize=LETTERS)
    axes.set_ylim(len(cars) - 0.4, -0.6)
    return figure


def _bar(axes: Axes, stint: Any, row: int) -> None:
    compound = "" if pd.isna(stint.compound) else str(stint.compound)
    paper, ink = TYRES.get(compound, UNKNOWN)
    used = not pd.isna(stint.used_laps) and stint.used_laps > 0
    axes.barh(
        row, stint.laps, left=stint.first - 1, height=0.74, color=paper, edgecolor=INK, linewidth=0.6, zorder=2,
        hatch="///" if used else None,
    )  # fmt: skip
    if stint.laps >= NARROW:
        text = f"{_letter(compound)} {stint.laps}".strip()
        box = {"facecolor": paper, "edgecolor": "none", "pad": 1.0} if used else None
        axes.text(
            stint.first - 1 + stint.laps / 2, row, text, ha="center", va="center", fontsize=7, color=ink, zorder=3,
            bbox=box,
        )  # fmt: skip


def _letter(compound: str) -> str:
    """Return the letter on the side of the tyre; softer ones than soft have two."""
    return f"{compound[0]}S" if compound.endswith("SOFT") and compound != "SOFT" else compound[:1]
