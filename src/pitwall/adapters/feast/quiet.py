"""Import Feast without its noise and without torch: no reports of each look at its registry, no leak lists at exit.

Nothing that all threads share is changed for the time of a call: filters of warnings are not safe between threads, and none is needed.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_importing = threading.Lock()


@cache
def quieten() -> None:
    """Let Feast log warnings only, and DuckDB say nothing after the last exit handler; once for a process."""
    logging.getLogger("feast").setLevel(logging.WARNING)
    if "duckdb" not in sys.modules:
        atexit.register(_close_stderr)


@contextmanager
def without_torch() -> Iterator[None]:
    """Let Feast be imported as if torch were absent: it would import it for types that nobody here uses (seconds).

    Only while this is the only thread: another one that asked for torch meanwhile would be told that there is none.
    """
    with _importing:
        hide = "torch" not in sys.modules and threading.active_count() == 1
        if hide:
            sys.modules["torch"] = None  # type: ignore[assignment]
        try:
            yield
        finally:
            if hide:
                del sys.modules["torch"]


def _close_stderr() -> None:
    """Send standard error nowhere: DuckDB 2.0 lists dozens of "leaked" objects while the interpreter shuts down."""
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
