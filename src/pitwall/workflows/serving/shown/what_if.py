"""A race as it might be: who takes part, from which slots, and what that changes beside the answer as things are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pitwall.domain.keys import DRIVER
from pitwall.workflows.serving.answer import Asked
from pitwall.workflows.serving.asked import Question


@dataclass(frozen=True)
class Starter:
    """A car of a race: reference, name and team of its driver; its slot, 0 for the pit lane, None before there is a grid."""

    ref: str
    name: str
    team: str
    slot: int | None


@dataclass(frozen=True)
class Change:
    """What a what-if changes for one car: the answer as things are known and as they might be; None where it does not take part."""

    name: str
    team: str
    before: float | None
    after: float | None


def can_be_asked(asked: Asked) -> bool:
    """Whether the question is about the cars of a race, of which others might start."""
    return asked.champion.definition.kind.own == (DRIVER,)


def has_grid(asked: Asked) -> bool:
    """Whether the question is asked as of the start, so that another grid may be given."""
    facts = asked.vectors.facts
    return bool(facts["cutoff"] >= facts["race"]["starts_at"] and asked.champion.grids)


def starters(asked: Asked) -> list[Starter]:
    """Return the cars that take part, in the order of the grid where it is known; the pit lane comes last."""
    facts, count = asked.vectors.facts, asked.vectors.facts["taking_part"]
    slots = _slots(asked, count)
    found = [
        Starter(str(ref[DRIVER]), str(name["driver"]), str(name["team"] or ""), slot)
        for ref, name, slot in zip(facts["refs"][:count], facts["names"][:count], slots, strict=True)
    ]
    return sorted(found, key=lambda each: (each.slot is None, each.slot or 99, each.name))


def question_of(asked: Asked, order: Sequence[str]) -> Question:
    """Return what is asked where these cars take part, from the slots in this order.

    Args:
        asked: the question as things are known.
        order: drivers by reference; who is not among them does not take part.
    """
    known = {each.ref for each in starters(asked)}
    entries = None if len(order) == len(known) and set(order) == known and has_grid(asked) else list(order)
    grid = {ref: slot for slot, ref in enumerate(order, start=1)} if has_grid(asked) else None
    return replace(asked.question, entries=entries, grid=grid)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what a what-if changes, in the order of its answer; cars that it leaves out come last.

    Args:
        before: the answer as things are known, as the API gives it.
        after: that of the what-if.
    """
    ours, theirs = ({row["keys"][DRIVER]: row for row in each["rows"]} for each in (before, after))
    return [_change(ours.get(key), theirs.get(key)) for key in [*theirs, *(key for key in ours if key not in theirs)]]


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change:
    names = (after or before or {})["names"]
    return Change(
        str(names["driver"]),
        str(names["team"] or ""),
        None if before is None else float(before["answer"]),
        None if after is None else float(after["answer"]),
    )


def _slots(asked: Asked, count: int) -> list[int | None]:
    frame = asked.vectors.frame
    if not has_grid(asked) or "grid" not in frame:
        return [None] * count
    return [None if value != value else int(value) for value in frame["grid"].head(count)]  # noqa: PLR0124  (only what is not known)
