"""The picture of a search: what each candidate scored, at which CPU second, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.ml.automl.leaderboard import BASELINE
from pitwall.ml.automl.result import AutoMLResult
from pitwall.report.figures.canvas import canvas
from pitwall.report.figures.palette import ACCENT, MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_search(result: AutoMLResult) -> Figure:
    """Return the score of candidates against the CPU seconds of the search, with the best so far and the rule to beat.

    What is much worse than the rule and the first candidate lies outside.
    """
    figure = canvas(9, 4.2)
    axes = figure.subplots()
    names = sorted({trial.estimator for trial in result.trials})
    for number, name in enumerate(names):
        own = [trial for trial in result.trials if trial.estimator == name]
        points = [(trial.at, trial.value) for trial in own if trial.value is not None]
        axes.plot(*_axes(points), "o", markersize=4, color=SERIES[number % len(SERIES)], label=name, alpha=0.8)
    seconds, best = _axes(result.course())
    axes.step(
        [*seconds, result.cpu_seconds], [*best, best[-1]], where="post", color=ACCENT, linewidth=2, label="best so far"
    )
    rule = [row["value"] for row in result.leaderboard if (row["name"], row["kind"]) == (result.baseline, BASELINE)]
    for value in rule:
        axes.axhline(value, color=MUTED, linestyle="--", label=f"rule {result.baseline}")
    near, far = min(best[-1], *rule, best[0]), max(best[-1], *rule, best[0])
    reach = (far - near) or 1.0
    axes.set_ylim(near - 0.3 * reach, far + 0.3 * reach)
    axes.set(
        xlabel="CPU seconds",
        ylabel=result.metric,
        title=f"{result.recipe.model}-{result.recipe.stage}: {result.algorithm}",
    )
    axes.grid(alpha=0.25)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return figure


def _axes(points: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [at for at, _ in points], [value for _, value in points]
