"""The picture of a search: what each candidate scored, at which CPU second, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.ml.automl.leaderboard import BASELINE
from pitwall.ml.automl.result import AutoMLResult
from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEAR = 1.5  # what is farther behind than this times the distance of the rule from the best is drawn at the edge


def draw_search(result: AutoMLResult) -> Figure:
    """Return the score of every candidate against the CPU seconds of the search, with the best so far and the rule to beat."""
    figure = canvas(9, 4.2)
    axes = figure.subplots()
    names = sorted({trial.estimator for trial in result.trials})
    for number, name in enumerate(names):
        own = [
            (trial.at, trial.value) for trial in result.trials if trial.estimator == name and trial.value is not None
        ]
        colour = SERIES[number % len(SERIES)]
        at, values = [at for at, _ in own], [value for _, value in own]
        axes.plot(at, values, "o", markersize=4, color=colour, label=name, alpha=0.8)
    at, best = zip(*result.course(), strict=True)
    axes.step(
        [*at, result.cpu_seconds], [*best, best[-1]], where="post", color=ACCENT, linewidth=2, label="best so far"
    )
    rule = next(
        row["value"] for row in result.leaderboard if row["name"] == result.baseline and row["kind"] == BASELINE
    )
    axes.axhline(rule, color=MUTED, linestyle="--", label=f"rule {result.baseline}")
    reach = NEAR * abs(rule - best[-1]) or 1.0
    axes.set_ylim(best[-1] - 0.4 * reach, best[-1] + reach)
    if result.higher_is_better:
        axes.set_ylim(best[-1] - reach, best[-1] + 0.4 * reach)
    axes.set(
        xlabel="CPU seconds",
        ylabel=result.metric,
        title=f"{result.recipe.model}-{result.recipe.stage}: {result.algorithm}",
    )
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return figure
