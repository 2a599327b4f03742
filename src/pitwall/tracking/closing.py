"""Close a run in its true state, whatever happens: finished, failed with its error, or killed.

A signal is an exception here: the programs that open runs make one of SIGTERM (`adapters.signals`), Python itself of Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from pitwall.domain.ports import RunStatus

ERROR = "error"  # the tag that says why a run failed
SHOWN = 500


class Closable(Protocol):
    """As much of a run store as it takes to close a run."""

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""

    def finish(self, run_id: str, status: RunStatus) -> None:
        """Close the run."""


@contextmanager
def closing(tracker: Closable, run_id: str, success: RunStatus | None = "FINISHED") -> Iterator[None]:
    """Finish the run: FAILED with the tag `error` on an error, KILLED when the process is stopped, both of which go on, else `success`."""
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
