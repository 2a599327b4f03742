"""A clock that goes on when somebody sleeps, and is shared by processes: hours of waiting for a limit take no time."""

from __future__ import annotations

import os
import struct
from pathlib import Path

START = 1_700_000_000.0  # seconds since 1970


class SharedClock:
    """A clock kept in a file of eight bytes; `sleep` puts it forward."""

    def __init__(self, path: Path, start: float | None = None) -> None:
        self.path = path
        if start is not None or not path.exists():
            path.write_bytes(struct.pack("d", START if start is None else start))

    def now(self) -> float:
        """Return the instant, in seconds since 1970."""
        return float(struct.unpack("d", self.path.read_bytes())[0])

    def sleep(self, seconds: float) -> None:
        """Put the clock forward."""
        handle = os.open(self.path, os.O_RDWR)
        try:
            os.pwrite(handle, struct.pack("d", self.now() + seconds), 0)
        finally:
            os.close(handle)
