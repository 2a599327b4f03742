"""Close a run in its true state, whatever happens: finished, failed with its error, or killed by a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pitwall.domain.ports import RunStatus, Tracker

ERROR = "error"  # the tag that says why a run failed
SHOWN = 500


@contextmanager
def closing(tracker: Tracker, run_id: str, success: RunStatus | None = "FINISHED") -> Iterator[None]:
    """Finish the run: FAILED with the tag `error` on an error, KILLED on a signal, which then go on, else `success`."""
    before = _raise_on_sigterm()
    try:
        yield
        if success is not None:
            tracker.finish(run_id, success)
    except Exception as error:
        tracker.tag(run_id, {ERROR: f"{type(error).__name__}: {error}"[:SHOWN]})
        tracker.finish(run_id, "FAILED")
        raise
    except BaseException:
        tracker.finish(run_id, "KILLED")
        raise
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _raise_on_sigterm() -> signal._HANDLER:
    """Turn SIGTERM into SystemExit while a run is open; only the main thread may do so."""
    if threading.current_thread() is not threading.main_thread():
        return None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    return signal.signal(signal.SIGTERM, stop)
