"""Pictures of pages, drawn once for the numbers that they show."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pitwall.report.content.blocks import Picture
from pitwall.report.figures.canvas import png
from pitwall.report.figures.over_time.e_values import e_values_figure
from pitwall.report.figures.over_time.races import over_races
from pitwall.report.figures.over_time.rounds import over_rounds

KEPT = 32
Numbers = tuple[float, ...]


@lru_cache(KEPT)
def gained(races: tuple[str, ...], ours: Numbers, theirs: Numbers, title: str, unit: str) -> Picture:
    """Return the losses of forecasts and of their baseline race by race, and what was gained on it.

    Args:
        races: labels, in time order.
        ours: the loss of each.
        theirs: that of the baseline.
        title: above.
        unit: of the loss.
    """
    losses = {"forecast": np.asarray(ours), "baseline": np.asarray(theirs)}
    figure = over_races(races, losses, title, unit=unit)
    return Picture(
        "gained.png", "Above the loss of each race and its mean so far, below what was gained.", png(figure), wide=True
    )


@lru_cache(KEPT)
def title_rounds(
    after: tuple[int, ...], panels: tuple[tuple[str, tuple[tuple[str, Numbers], ...]], ...], title: str, rounds: int
) -> Picture:
    """Return the chances of titles after the rounds.

    Args:
        after: rounds.
        panels: (title, ((competitor, chances), ...)) of each title.
        title: of the picture.
        rounds: of the season.
    """
    lines = {name: {who: list(values) for who, values in own} for name, own in panels}
    figure = over_rounds(lines, list(after), title, rounds)
    return Picture("titles.png", "P(title) after each round, as it was forecast then.", png(figure), wide=True)


@lru_cache(KEPT)
def e_values(  # noqa: PLR0917  (all that a test's picture says)
    races: tuple[str, ...],
    ahead: Numbers,
    behind: Numbers,
    interval: tuple[Numbers, Numbers, Numbers],
    threshold: float,
    title: str,
    unit: str,
) -> Picture:
    """Return how much is known after each race of a test; the arguments are those of `e_values_figure`."""
    figure = e_values_figure(races, ahead, behind, interval, threshold=threshold, title=title, unit=unit)
    return Picture(
        "e_values.png",
        "Above the line a verdict is allowed; below the mean gain with its interval.",
        png(figure),
        wide=True,
    )
