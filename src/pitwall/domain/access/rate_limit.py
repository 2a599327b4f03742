"""A limit per minute, in memory: a bucket of tokens per key, of which only the instant when it is full again is kept.

A bucket that is full again says nothing that a fresh one would not, so it is forgotten: there are as many as keys that asked lately.
"""

from __future__ import annotations

import threading

MOST_KEYS = 100_000
FEW_KEYS = 1_000
ROUNDING = 1e-6  # a request that comes when it was told to must not miss by the last digit of a clock


class RateLimit:
    """So many requests at once, and so many a minute from then on, of each key. Threads may share it.

    Args:
        per_minute: requests that flow back in a minute.
        burst: requests at once, of a key that has not asked lately.
        most_keys: that are remembered; beyond, those that would be forgotten soonest are forgotten now.

    Example:
        >>> limit = RateLimit(per_minute=60, burst=2)
        >>> [limit.take("ada", now) for now in (0.0, 0.0, 0.25, 1.25)]
        [0.0, 0.0, 0.75, 0.0]
    """

    def __init__(self, per_minute: int, burst: int, most_keys: int = MOST_KEYS) -> None:
        self._each = 60 / per_minute
        self._slack = self._each * (burst - 1)
        self._most = most_keys
        self._look_at = FEW_KEYS
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str, now: float) -> float:
        """Take one request of a key, or none; return the seconds to wait before the next try, 0 where it may go now.

        Args:
            key: who asks.
            now: seconds of a clock that never goes back.
        """
        with self._lock:
            full_at = max(self._full_at.get(key, now), now)
            wait = full_at - now - self._slack
            if wait > ROUNDING:
                return wait
            self._full_at[key] = full_at + self._each
            if len(self._full_at) > self._look_at:
                self._forget(now)
            return 0.0

    def _forget(self, now: float) -> None:
        """Drop full buckets; the next look comes when there are twice as many, so that a request pays for one look at one bucket."""
        kept = sorted(((at, key) for key, at in self._full_at.items() if at > now), reverse=True)
        self._full_at = {key: at for at, key in kept[: self._most // 2 if len(kept) > self._most else None]}
        self._look_at = min(max(2 * len(self._full_at), FEW_KEYS), self._most)
