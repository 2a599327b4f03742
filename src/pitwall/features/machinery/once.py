"""Work that several groups do on the same tables, done once while somebody says so: a race under way is computed again with every lap.

Without `shared_work` nothing is kept. What is kept is found by the very tables that it was made of, so another table is never
answered with the work of an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """Work that is kept: for good where it was made of `lasting` tables alone, else until `forget`.

    Args:
        lasting: tables that stay as they are for as long as this is used.
    """

    def __init__(self, lasting: Sequence[object] = ()) -> None:
        self._lasting = {id(table): table for table in lasting}
        self._long: dict[Hashable, Any] = {}
        self._short: dict[Hashable, Any] = {}

    def forget(self) -> None:
        """Let go of what was made of tables that change."""
        self._short.clear()

    def get(self, what: Hashable, tables: Sequence[object], make: Callable[[], T]) -> T:
        """Return what `make` returned for these tables; they are held, so that no other table can take their identity."""
        place = self._long if all(id(table) in self._lasting for table in tables) else self._short
        key = (what, *(id(table) for table in tables))
        if key not in place:
            place[key] = (tables, make())
        found: T = place[key][1]
        return found


_kept: ContextVar[Kept | None] = ContextVar("pitwall_shared_work", default=None)


@contextmanager
def shared_work(kept: Kept) -> Iterator[None]:
    """Let groups that are computed here share their work."""
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)


def sharing() -> bool:
    """Return whether work is shared here."""
    return _kept.get() is not None


def once(what: Hashable, tables: Sequence[object], make: Callable[[], T]) -> T:
    """Return what `make` returns; made once for these tables where work is shared. Nobody may change it.

    Args:
        what: names the work, and all that it depends on beside the tables.
        tables: the very objects that it is made of.
        make: does it.
    """
    kept = _kept.get()
    return make() if kept is None else kept.get(what, tables, make)
