"""What surrounds a fetch: where a source may keep pages between fetches, and what the project already knows.

Sources that copy files need none of it. Those that ask a server for hundreds of pages keep them here, and those of laps find the ids of
races and drivers in the newest dump.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain import clock


def wall() -> float:
    """Return the machine's clock in seconds since 1970."""
    return clock.wall().timestamp()


def to_terminal(text: str) -> None:
    """Write a line where somebody watches; into a file or a log nothing."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{text}\n")


@dataclass(frozen=True)
class Around:
    """What surrounds a fetch.

    Attributes:
        folder: that the source may keep between fetches; losing it costs requests and nothing else.
        previous: the newest snapshot of the same source, None before the first.
        results: the newest snapshot of the source of results, for sources of laps; None before the first.
        now: the clock, in seconds since 1970.
        sleep: waits so many seconds.
        tell: is told how far a long fetch is.
    """

    folder: Path
    previous: Path | None = None
    results: Path | None = None
    now: Callable[[], float] = wall
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], None] = to_terminal
