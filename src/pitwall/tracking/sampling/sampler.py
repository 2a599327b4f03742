"""A thread that reads what is in use every few seconds and logs it, while the training goes on in its own.

The thread only reads and logs; it shares nothing with the training but the run store, whose calls name their run and may come from any
thread. An error of the store ends the sampling, not the training, and is told when the block ends. The thread is a daemon: it keeps no
process alive, and `stop` waits for its last call, so that none comes after the run's end.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from pitwall.domain.errors import UsageError
from pitwall.tracking.sampling.readings import Readings

Log = Callable[[Mapping[str, float], int], None]


class Sampler:
    """Samples for as long as its block runs, at steps 0, 1, 2, ..., the last one when it ends.

    Args:
        log: (numbers by name, step) -> None; a call of the run store.
        every: seconds between two samples.

    Example:
        >>> seen = []
        >>> with Sampler(lambda numbers, step: seen.append(step), every=60) as sampler:
        ...     pass
        >>> seen, sampler.peaks["system.memory_mb"] > 1
        ([0], True)
    """

    def __init__(self, log: Log, every: float) -> None:
        if not every > 0:
            raise UsageError(f"samples are taken every so many seconds, more than 0; found {every!r}.")
        self._log, self._every = log, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sampler", daemon=True)
        self._error: Exception | None = None
        self.peaks: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Start."""
        self._readings = Readings()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the last sample and stop; warn if sampling ended before."""
        self._over.set()
        self._thread.join()
        if self._error is not None:
            warnings.warn(
                f"nothing was sampled any more after {type(self._error).__name__}: {self._error}", stacklevel=2
            )

    def _work(self) -> None:
        step, over = 0, False
        while not over:
            over = self._over.wait(self._every)
            try:
                self._sample(step)
            except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on, and __exit__ tells
                self._error = error
                return
            step += 1

    def _sample(self, step: int) -> None:
        numbers = self._readings.read()
        for name, value in numbers.items():
            self.peaks[name] = max(value, self.peaks.get(name, value))
        self._log(numbers, step)
