"""The choices of the wizard as a query: an order in the address, so that reload, back and a link that was sent need nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from pitwall.web.blocks import Field, Steps
from pitwall.web.blocks import Link as To
from pitwall.web.paging import Form
from pitwall.workflows.orders.checking import checked
from pitwall.workflows.orders.order import LISTS, TrainingOrder, conditions_of, order_of
from pitwall.workflows.orders.preview import Preview

STEPS = ("question", "data", "features", "training")
PATHS = {"question": "/new", **{step: f"/new/{step}" for step in STEPS[1:]}}
WEATHER = {"dry": {"wet": False}, "wet": {"wet": True}, "mixed": {"mixed": True}}
PLACES = {"street": "street circuits", "sprint": "sprint weekends"}


def order_of_query(query: Form) -> TrainingOrder:
    """Return the order that an address says, with its usual choices filled in.

    Raises:
        UnknownName, UsageError: it names what is not there.
    """
    lines: dict[str, Any] = {name: value for name, value in query.items() if name in TrainingOrder.model_fields}
    lines = {name: value for name, value in lines.items() if value.strip()}
    for name in LISTS:
        words = [word.strip() for each in query.many(name) for word in each.split(",")]
        lines[name] = [word for word in words if word]
    return checked(order_of({**lines, "conditions": _conditions(query)}))


def query_of(order: TrainingOrder) -> dict[str, str]:
    """Return an order as a query."""
    said = {name: value for name, value in order.content().items() if name != "conditions"}
    words = ",".join(each if wanted else f"not {each}" for each, wanted in order.conditions.items())
    return {**{name: _text(value) for name, value in said.items()}, **({"conditions": words} if words else {})}


def address(step: str, order: TrainingOrder) -> str:
    """Return the address of a step with the choices of an order."""
    return f"{PATHS[step]}?{urlencode(query_of(order))}"


def kept(order: TrainingOrder, shown: Collection[str]) -> tuple[Field, ...]:
    """Return hidden fields for the choices that a form does not show."""
    return tuple(Field(name, "", "hidden", text) for name, text in query_of(order).items() if name not in shown)


def steps(at: str, order: TrainingOrder | None = None) -> Steps:
    """Return the four steps; each can be gone to once there is a question."""
    if order is None:
        return Steps(STEPS, STEPS.index(at))
    return Steps(tuple(To(step, address(step, order)) for step in STEPS), STEPS.index(at))


def shortened(order: TrainingOrder, found: Preview) -> TrainingOrder:
    """Return the order with `all` where every season or circuit was named."""
    changes: dict[str, Any] = {}
    if set(order.seasons) >= set(found.all_seasons):
        changes["seasons"] = ()
    if set(order.circuits) >= set(found.all_circuits):
        changes["circuits"] = ()
    return order.model_copy(update=changes)


def weather_of(order: TrainingOrder) -> str:
    """Return which weather is wished: `dry`, `wet`, `mixed`, or empty for any."""
    return next((name for name, said in WEATHER.items() if said.items() <= order.conditions.items()), "")


def _conditions(query: Form) -> dict[str, bool]:
    """Return the conditions: those of the fields where they were shown, else those that were carried along."""
    if "weather" not in query:
        return conditions_of(query.get("conditions", ""))
    chosen: Mapping[str, bool] = WEATHER.get(query["weather"], {})
    places = {name: query[name] == "yes" for name in PLACES if query.get(name)}
    return {**chosen, **places}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
