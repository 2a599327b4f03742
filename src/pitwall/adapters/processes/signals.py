"""SIGTERM as an exception, so that what is open is closed: for programs of our own, and only where nobody listens yet."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """Leave through the `finally` blocks on SIGTERM, and put back what was before.

    Signals belong to the whole process: nothing is changed from another thread than the main one, and nothing where there is a handler
    already, as of a server.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _leave(signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
