"""Measures a piece of work: wall time, CPU time and the peak memory of this process and its children."""

from __future__ import annotations

import resource
import threading
import time
from types import TracebackType

import psutil

SAMPLE_S = 0.05


class Meter:
    """A context in which work is measured: seconds on the wall, seconds of CPU, bytes of memory of the whole tree."""

    def __enter__(self) -> Meter:
        self.wall, self.cpu, self.peak = time.perf_counter(), _cpu(), 0
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._watch.join()
        self.wall, self.cpu = time.perf_counter() - self.wall, _cpu() - self.cpu

    def _sample(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(SAMPLE_S):
            total = 0
            for process in [own, *own.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue  # it ended between being listed and being asked
            self.peak = max(self.peak, total)


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)
