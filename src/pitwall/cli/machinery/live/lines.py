"""A race under way where nobody draws tables: a line per answer."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pitwall.workflows.live.course import SAFETY_CAR, WINNER, chance
from pitwall.workflows.live.words import percent

if TYPE_CHECKING:
    from pitwall.live.answer import LiveAnswer

FRONT = 5  # cars on a line
SEEN = 0.005


def line(answer: LiveAnswer, drivers: Collection[str] = ()) -> str:
    """Return an answer in a line: where the race is, who wins with what chance, and what a reader must know.

    Args:
        answer: what was said.
        drivers: the only ones to tell; those that are likeliest to win when empty.
    """
    of = f"/{answer.distance}" if answer.distance else ""
    again = f" (answer {answer.revision})" if answer.revision > 1 else ""
    parts = [f"lap {answer.lap}{of}{again}", answer.state, _front(answer, drivers)]
    soon = chance(answer.answers, SAFETY_CAR)
    parts += [f"safety car soon {percent(soon)} %"] if soon is not None else []
    parts += ["nothing is answered"] if answer.withheld else []
    return "; ".join([*filter(None, parts), *(f"! {note}" for note in answer.notes)])


def _front(answer: LiveAnswer, drivers: Collection[str]) -> str:
    said = [(chance(car.answers, WINNER), car) for car in answer.cars if not drivers or car.driver.upper() in drivers]
    known = [(value, car.driver) for value, car in said if value is not None and (drivers or value >= SEEN)]
    if not known:
        return " ".join(car.driver for _, car in said[:FRONT])
    best = sorted(known, key=lambda each: -each[0])[: None if drivers else FRONT]
    return ", ".join(f"{driver} {percent(value)} %" for value, driver in best)
