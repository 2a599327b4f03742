"""Chances over the laps of a race as ribbons: each as wide as its chance, all of them together as wide as certainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pitwall.report.figures.palette import INK, MUTED, SERIES
from pitwall.report.figures.race.marks import LETTERS, end_labels, panel, shade

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = len(SERIES) - 1  # ribbons of their own; the rest share a grey one
OTHERS = "others"
NAMED = 0.06  # a ribbon that is as wide somewhere is named there
APART = 0.035
STRIP = 1.04  # what is above certainty shows which laps were neutralised


def ribbons_figure(
    laps: Sequence[int], chances: Mapping[str, Sequence[float]], neutral: Mapping[int, str], title: str, *, up: str
) -> Figure:
    """Return the figure; whoever was likeliest in the mean lies lowest.

    Args:
        laps: in order, 0 for the start.
        chances: {who: chance at each of these laps}, between 0 and 1.
        neutral: {lap: why it was neutralised}.
        title: above.
        up: what the chances are of.
    """
    figure, axes = panel(title, max(laps[-1], 1), up=up, note="width of a ribbon: the chance at the end of that lap")
    ribbons = _ribbons(chances, len(laps))
    tops = np.cumsum(np.array(list(ribbons.values())), axis=0)
    for number, (name, own) in enumerate(ribbons.items()):
        base = tops[number] - own
        axes.fill_between(
            laps, base, tops[number], color=_ink(number, name), linewidth=0.6, edgecolor="white", zorder=2
        )
        _name(axes, laps, name, own, base)
    _ends(axes, laps, ribbons, tops)
    shade(axes, neutral)
    axes.set(ylim=(0, STRIP * max(1.0, float(tops[-1].max()))))
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return figure


def _ribbons(chances: Mapping[str, Sequence[float]], laps: int) -> dict[str, np.ndarray]:
    """Return ribbons from the lowest up; what is not known of a lap is none."""
    every = {name: np.nan_to_num(np.asarray(own, dtype=float)) for name, own in chances.items()}
    ordered = sorted(every, key=lambda name: (-float(every[name].mean()), name))
    found = {name: every[name] for name in ordered[:MOST]}
    rest = [every[name] for name in ordered[MOST:]]
    return {**found, OTHERS: np.sum(rest, axis=0)} if rest else found or {OTHERS: np.zeros(laps)}


def _ink(number: int, name: str) -> str:
    return MUTED if name == OTHERS else SERIES[number % len(SERIES)]


def _name(axes: Axes, laps: Sequence[int], name: str, own: np.ndarray, base: np.ndarray) -> None:
    """Write a name into its ribbon where that is widest."""
    inner = own[1:-1] if len(own) > 4 else own
    at = int(np.argmax(inner)) + (1 if len(own) > 4 else 0)
    if own[at] >= NAMED:
        middle = float(base[at] + own[at] / 2)
        axes.text(laps[at], middle, name, color="white", fontsize=LETTERS + 1, ha="center", va="center", zorder=3)


def _ends(axes: Axes, laps: Sequence[int], ribbons: Mapping[str, np.ndarray], tops: np.ndarray) -> None:
    """Say beside the right end what the chances are there."""
    ends = [
        (float(tops[number][-1] - own[-1] / 2), f"{name} {own[-1]:.0%}", INK)
        for number, (name, own) in enumerate(ribbons.items())
        if own[-1] >= 0.02
    ]
    end_labels(axes, ends, laps[-1], APART, 0.0)
