"""Import and call Feast without its noise: no usage reports, no warnings about its own libraries, no leak lists at exit.

Only warnings are filtered, and what native code prints after the last exit handler; errors pass.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NOISY = (DeprecationWarning, FutureWarning, RuntimeWarning, UserWarning)


@contextmanager
def quiet() -> Iterator[None]:
    """Hide library warnings while Feast is imported or called."""
    os.environ.setdefault("FEAST_USAGE", "False")
    logging.getLogger("feast").setLevel(logging.WARNING)  # it reports every look at its registry
    with warnings.catch_warnings():
        for category in NOISY:
            warnings.simplefilter("ignore", category)
        if "duckdb" not in sys.modules:
            atexit.register(_close_stderr)
        yield


@contextmanager
def without_torch() -> Iterator[None]:
    """Let Feast be imported as if torch were absent: it would import it for types that nobody here uses (seconds)."""
    hide = "torch" not in sys.modules
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
