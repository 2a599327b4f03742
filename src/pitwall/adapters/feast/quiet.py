"""Import Feast without its noise and without what it costs: no reports of each look at its registry, no torch, no checks of types.

For all threads alike, but for one name: who decorates with `typeguard.typechecked` while Feast is imported goes unchecked, too.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

TORCH = "feast.torch_wrapper"
_importing = threading.Lock()


@cache
def quieten() -> None:
    """Let Feast log warnings only, and DuckDB say nothing after the last exit handler; once for a process."""
    logging.getLogger("feast").setLevel(logging.WARNING)
    if "duckdb" not in sys.modules:
        atexit.register(_close_stderr)


@contextmanager
def lean() -> Iterator[None]:
    """Let Feast be imported in a third of the time: torch when somebody asks Feast for it, which nobody here does, and types unchecked.

    Its classes are decorated by typeguard, which reads the source of each and compiles it anew, and then looks at every argument.
    """
    import typeguard

    with _importing:
        sys.modules.setdefault(TORCH, _torch_when_asked())
        checked, typeguard.typechecked = typeguard.typechecked, _unchecked
        try:
            yield
        finally:
            typeguard.typechecked = checked


def _torch_when_asked() -> ModuleType:
    """Return Feast's own module about torch, without its import."""
    made = ModuleType(TORCH)
    made.get_torch = lambda: import_module("torch")  # type: ignore[attr-defined]
    return made


def _unchecked(target: Any = None, **_: Any) -> Any:
    """Return a class or function as it is, also where the decorator was given settings."""
    as_it_is: Callable[[Any], Any] = lambda each: each  # noqa: E731  (what a decorator with settings returns)
    return as_it_is if target is None else target


def _close_stderr() -> None:
    """Send standard error nowhere: DuckDB 2.0 lists dozens of "leaked" objects while the interpreter shuts down."""
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
