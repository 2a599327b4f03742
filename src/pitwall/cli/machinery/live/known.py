"""Drivers that were named on the command line, held against those of the race once it is known who drives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pitwall.domain.errors import UnknownName

if TYPE_CHECKING:
    from pitwall.live.answer import LiveAnswer


def known_drivers(answers: Iterator[LiveAnswer], named: Sequence[str]) -> Iterator[LiveAnswer]:
    """Yield answers as they come.

    Args:
        answers: of a race.
        named: drivers, as the answers call them, in letters of any size.

    Raises:
        UnknownName: one of them does not take part.
    """
    for number, answer in enumerate(answers):
        there = {car.driver.upper() for car in answer.cars}
        for name in named if number == 0 else ():
            if name.upper() not in there:
                raise UnknownName("driver of this race", name.upper(), there)
        yield answer
