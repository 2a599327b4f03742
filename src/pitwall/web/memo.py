"""What a page found out slowly, kept for some seconds: many browsers that ask the same make the process work once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from cachetools import LRUCache

T = TypeVar("T")
SECONDS = 10.0
MOST = 256


class Memo:
    """Values by key. Threads that ask for the same one wait for the first of them; a maker that raises leaves nothing behind.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: LRUCache[Hashable, tuple[float, Any]] = LRUCache(MOST)
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], T], seconds: float = SECONDS) -> T:
        """Return the value of a key, made now unless it was within so many seconds.

        Args:
            key: of the value.
            make: finds it out.
            seconds: for how long one that is made now is kept.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                if (found := self._fresh(key)) is None:
                    found = (self._clock() + seconds, make())
                    with self._lock:
                        self._kept[key] = found
                return cast("T", found[1])
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def forget(self) -> None:
        """Let everything go: something was done, and what comes next shall show it."""
        with self._lock:
            self._kept.clear()

    def _fresh(self, key: Hashable) -> tuple[float, Any] | None:
        with self._lock:
            found = self._kept.get(key)
        return found if found is not None and self._clock() < found[0] else None
