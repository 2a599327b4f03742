"""The vectors of races in memory: what the online store answered, for as long as the store has not changed.

It lives beside the online store because only the store's adapter knows when an answer is no longer true. The key holds
the state of the store itself (feature set, cut-off and version, new after every change), so no invalidation can be forgotten:
an entry of an earlier state is never asked for again and leaves when newer ones need its place.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import pandas as pd

from pitwall.domain.ports import Served

RACES = 64  # a whole season at every stage; 22 cars x 100 features are 18 kB


@dataclass(frozen=True)
class VectorKey:
    """Which vectors: of which cars (their ids, the race's among them), of which slot of the store in which state."""

    cars: tuple[tuple[tuple[str, int], ...], ...]
    served: Served

    def __hash__(self) -> int:
        # Every look hashes the key several times; one car tells races apart, equality compares all.
        return hash((self.served.version, self.cars[:1]))


class VectorCache:
    """The last vectors that were read, the least recently used leave first; safe to share between threads.

    Args:
        size: how many races are kept.
    """

    def __init__(self, size: int = RACES) -> None:
        self._size = size
        self._kept: OrderedDict[VectorKey, pd.DataFrame] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: VectorKey) -> pd.DataFrame | None:
        """Return a copy of the vectors, or None where they are not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        return None if found is None else found.copy()

    def put(self, key: VectorKey, vectors: pd.DataFrame) -> None:
        """Keep a copy of the vectors."""
        own = vectors.copy()
        with self._lock:
            self._kept[key] = own
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
