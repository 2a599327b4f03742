"""Show that a computation needs nothing but what it is given: no file, and no table that its module keeps.

A file that a feature reads is a leak that no cut in time can find, whatever it holds: a table of another day, or the true chances of
a synthetic world. Watching `open` would see Python's readers and miss those of Arrow and DuckDB, which are C++. So a child
process gives up the right to open anything for a moment: every reader fails, in whatever language it is written.
"""

from __future__ import annotations

import inspect
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import pandas as pd

from pitwall.domain.tables import Tables


@contextmanager
def no_files() -> Iterator[None]:
    """Let nothing in this process open a file; what is open stays so. Import what a computation needs before.

    Only for a process of its own (`_child.in_child`): all threads of a process share the limit.
    """
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def forget(compute: Callable[..., Any]) -> None:
    """Empty the caches of a function's own module: what they hold may come from a file."""
    for part, outside in reached(compute).items():
        for value in outside.values():
            if hasattr(value, "cache_clear") and getattr(value, "__module__", None) == part.__module__:
                value.cache_clear()


def held_tables(compute: Callable[..., Any]) -> list[tuple[str, str]]:
    """Return (type, name) of the tables that a function takes from outside instead of being given them."""
    kinds = pd.DataFrame | pd.Series | pd.Index | Tables
    names = [item for outside in reached(compute).values() for item in sorted(outside.items())]
    return [(type(value).__name__, name) for name, value in names if isinstance(value, kinds)]


def reached(compute: Callable[..., Any]) -> dict[FunctionType, dict[str, Any]]:
    """Return a function and the functions of its module that it calls, each with the names that it takes from outside."""
    first = inspect.unwrap(getattr(compute, "__func__", compute))
    waiting: list[FunctionType] = [first] if inspect.isfunction(first) else []
    found: dict[FunctionType, dict[str, Any]] = {}
    while waiting:
        part = waiting.pop()
        names = inspect.getclosurevars(part)
        found[part] = {**names.globals, **names.nonlocals}
        called = [inspect.unwrap(value) for value in found[part].values() if callable(value)]
        waiting += [
            value
            for value in called
            if inspect.isfunction(value) and value.__module__ == part.__module__ and value not in found
        ]
    return found
