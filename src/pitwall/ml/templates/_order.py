"""Questions about the first few of a finishing order: all of them read one position distribution."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pitwall.domain.when import Stage
from pitwall.ml.families.order.answer import up_to
from pitwall.ml.families.order.outcome import within
from pitwall.ml.templates._template import Template

# Before there is a grid, the championship says most.
BASELINE: dict[str, str] = {
    Stage.PRE_RACE: "grid_frequency",
    Stage.PRE_QUALIFYING: "championship_order",
    Stage.PRE_WEEKEND: "championship_order",
}


def top(
    cars: Callable[[int], int], *, name: str, question: str, title: str, loss: str, metrics: tuple[str, ...]
) -> Template:
    """Return the question whether a car finishes among the first `cars(season)`.

    Args:
        cars: season -> how many cars of a race it comes true for.
        name: of the template.
        question: in words.
        title: of its column in tables.
        loss: the main loss.
        metrics: the main loss among them.
    """
    return Template(
        name=name,
        model="order",
        question=question,
        title=title,
        stages=(Stage.PRE_RACE, Stage.PRE_WEEKEND),
        tables=("races", "results"),
        label=partial(within, cars=cars),
        answer=partial(up_to, cars=cars),
        loss=loss,
        metrics=metrics,
        baselines=("grid_frequency", "championship_order"),
        baseline=BASELINE,
        cars=cars,
    )
