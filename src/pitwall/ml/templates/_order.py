"""Questions about the first few of an order: all of one order read one position distribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pitwall.domain.when import Stage
from pitwall.ml.families.order.answer import up_to
from pitwall.ml.families.order.outcome import Order, finishing_order, within
from pitwall.ml.templates._template import Template


@dataclass(frozen=True)
class Ordering:
    """An order that questions are about: who answers them, when, and what they must beat.

    Attributes:
        model: that says the chance of every place.
        order: tables -> `place` and `retired` by (race_id, driver_id).
        tables: canonical tables that it is made of, `races` among them.
        baseline: the rule to beat by stage; the default stage first.
        baselines: rules that are shown, those of `baseline` among them.
    """

    model: str
    order: Order
    tables: tuple[str, ...]
    baseline: Mapping[str, str]
    baselines: tuple[str, ...]


FINISH = Ordering(
    model="order",
    order=finishing_order,
    tables=("races", "results"),
    # Before there is a grid, the championship says most.
    baseline={
        Stage.PRE_RACE: "grid_frequency",
        Stage.PRE_WEEKEND: "championship_order",
        Stage.PRE_QUALIFYING: "championship_order",
    },
    baselines=("grid_frequency", "championship_order"),
)


def top(
    cars: Callable[[int], int],
    *,
    name: str,
    question: str,
    title: str,
    loss: str,
    metrics: tuple[str, ...],
    of: Ordering = FINISH,
) -> Template:
    """Return the question whether a car is among the first `cars(season)` of an order.

    Args:
        cars: season -> how many cars of a race it comes true for.
        name: of the template.
        question: in words.
        title: of its column in tables.
        loss: the main loss.
        metrics: the main loss among them.
        of: the order; the finish of a race if nothing is said.
    """
    return Template(
        name=name,
        model=of.model,
        question=question,
        title=title,
        stages=tuple(of.baseline),
        tables=of.tables,
        label=partial(within, cars=cars, order=of.order),
        learned=of.order,
        answer=partial(up_to, cars=cars),
        loss=loss,
        metrics=metrics,
        baselines=of.baselines,
        baseline=of.baseline,
        cars=cars,
    )
