"""How often a server may be asked: token buckets whose state is a small file, so that a restart does not fill them again.

A bucket of capacity c that gains r tokens a second lets at most c + r x T requests through in any window of T seconds. So a limit L of a
window T is kept, whatever the moment at which one starts to count, by c = L / 4 and r = (L - c) / T. A token is written off before the
request it pays for: a kill in between loses a token and never a limit.
"""

from __future__ import annotations

import fcntl
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pitwall.domain.files import write_atomically

SHARE = 4  # of a limit that may be spent at once
LITTLE = 0.001  # s that a wait is longer than it would have to be: floats


@dataclass(frozen=True)
class Limit:
    """At most `requests` in any window of `seconds`."""

    requests: int
    seconds: float

    @property
    def capacity(self) -> float:
        """Return how many tokens the bucket holds."""
        return float(max(1, self.requests // SHARE))

    @property
    def rate(self) -> float:
        """Return how many tokens it gains a second; at a limit of one request a window, one a window."""
        return max(self.requests - self.capacity, 0.5) / self.seconds


class Pace:
    """The buckets of one server, of which every request takes one token each."""

    def __init__(
        self, path: Path, limits: Sequence[Limit], now: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._path, self._limits, self._now, self._sleep = path, tuple(limits), now, sleep
        self.waited = 0.0  # s, in all

    def take(self) -> None:
        """Return when a request may be made; waits until then."""
        while wait := self._try():
            self.waited += wait
            self._sleep(wait)

    def _try(self) -> float:
        """Take a token of each bucket and return 0, or return the seconds until all have one."""
        with self._held():
            levels = self._levels()
            wait = max((1 - level) / limit.rate for level, limit in zip(levels, self._limits, strict=True))
            spent = levels if wait > 0 else [level - 1 for level in levels]
            write_atomically(self._path, json.dumps({"at": self._now(), "levels": spent}))
            return wait + LITTLE if wait > 0 else 0.0

    def _levels(self) -> list[float]:
        """Return what the buckets hold now. A file that does not read, or is of other limits, means empty ones."""
        full = [limit.capacity for limit in self._limits]
        if not self._path.is_file():
            return full
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            at, levels = float(kept["at"]), [float(level) for level in kept["levels"]]
        except (ValueError, KeyError, TypeError):
            at, levels = self._now(), []
        if len(levels) != len(full) or not all(map(math.isfinite, [at, *levels])):
            at, levels = self._now(), [0.0] * len(full)
        since = max(self._now() - at, 0.0)  # a clock that was put back gives no tokens
        gained = [level + since * limit.rate for level, limit in zip(levels, self._limits, strict=True)]
        return [min(level, most) for level, most in zip(gained, full, strict=True)]

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Hold the file against other processes, for the moment of a look; the system lets go of it when one dies."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
