"""What if: the list of cars to put in order or leave out, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.rendering.terms import answer_texts, event_title, events, is_chance
from pitwall.report.content.blocks import Answers, Share, Text
from pitwall.web.blocks import AnyBlock, Field, Form, Link, Links, Option, Part
from pitwall.web.parts.told import NOTHING, points
from pitwall.workflows.serving.shown.what_if import Change, Starter

DRAG = "Drag a car to another slot, or move it with the arrows; take the tick away from a car that does not start."
TICK = "Take the tick away from a car that does not take part. There is no grid yet, so none can be given."


def what_if_form(
    starters: Sequence[Starter], order: Sequence[str], kept: Mapping[str, str], *, grid: bool
) -> tuple[AnyBlock, ...]:
    """Return the form of a what-if.

    Args:
        starters: the cars that take part as things are known, in their order.
        order: drivers by reference as they are asked about now; empty where nothing else is asked yet.
        kept: fields that stay as they are, by name.
        grid: whether their order is the grid.
    """
    by_ref = {each.ref: each for each in starters}
    refs = [*(ref for ref in order if ref in by_ref), *(each.ref for each in starters if each.ref not in order)]
    options = tuple(Option(ref, by_ref[ref].name, help=_side(by_ref[ref])) for ref in refs)
    hidden = tuple(Field(name, name, "hidden", value) for name, value in kept.items())
    ticked = tuple(order or refs)
    cars = Field("grid", "Who takes part", "checkbox", ticked, options, TICK)
    if grid:
        cars = Field("grid", "Who starts, and from where", "order", ticked, options, DRAG)
    return (Form("/", (*hidden, cars), "Ask what if", get=True),)


def changed_part(made: Forecast, changes: Sequence[Change], back: str) -> Part:
    """Return what a what-if changes, car by car.

    Args:
        made: the forecast of the what-if.
        changes: of its cars.
        back: address of the forecast as things are known.
    """
    event, bar, texts = events(made)[0], is_chance(made), answer_texts(made)
    rows = Answers(
        ("Driver", f"{event_title(event)} if so", "As known", "Change"),
        tuple((each.name, each.team) for each in changes),
        tuple(_cells(each, lambda value: texts(event, value), bar=bar) for each in changes),
    )
    text = "In small: the same as things are known. The change is in percentage points." if bar else ""
    blocks: tuple[AnyBlock, ...] = (
        Links((Link("Back to the forecast as it is", back, button=True),)),
        *([Text(text)] if text else []),
        rows,
    )
    return Part("What this would change", blocks)


def _cells(each: Change, text: Callable[[float], str], *, bar: bool) -> tuple[str | Share, ...]:
    before = NOTHING if each.before is None else text(each.before)
    if each.after is None:
        return "does not start", before, NOTHING
    after = text(each.after)
    shown = Share(each.after, after, before) if bar else after
    if each.before is None:
        return shown, before, NOTHING
    change = each.after - each.before
    return shown, before, points(change) if bar else f"{change:+.3f}"


def _side(each: Starter) -> str:
    slot = "" if each.slot is None else "pit lane" if each.slot == 0 else f"grid {each.slot}"
    return ", ".join(filter(None, (each.team, slot)))
