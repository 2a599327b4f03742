"""Long lists, a page at a time: every page has an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pitwall.domain.errors import UsageError
from pitwall.web.blocks import Link, Links
from pitwall.web.paging import Ask

T = TypeVar("T")
LENGTH = 50


def paged(
    ask: Ask, every: Sequence[T], number: int, name: str = "number", length: int = LENGTH
) -> tuple[Sequence[T], list[Links]]:
    """Return what stands on a page, and the ways to the others; there are none where all fit on one.

    Args:
        ask: what was asked, whose address the others are made of.
        every: the whole list.
        number: of the page, from 1.
        name: of the number in the address.
        length: of a page.

    Raises:
        UsageError: there is no such page.
    """
    last = max(1, -(-len(every) // length))
    if not 1 <= number <= last:
        raise UsageError(f"found page {number}; there are {last}: choose one of these.")
    links = [Link("newer", ask.here(**{name: str(number - 1)}))] if number > 1 else []
    links += [Link(f"older (page {number} of {last})", ask.here(**{name: str(number + 1)}))] if number < last else []
    return every[(number - 1) * length : number * length], [Links(tuple(links))] if links else []
