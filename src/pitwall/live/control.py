"""The hand on a live session: pause, go on, seek a lap, stop; from any thread. And the pace at which a race that was driven is played."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator

from pitwall.domain.errors import UsageError
from pitwall.live.events import End, Item, Tick

STEP_S = 0.05  # seconds between two looks at the hand, while waiting


class Control:
    """Tells a session what to do; every method may be called from any thread.

    Attributes:
        speed: seconds of the race per second; None for as fast as it goes.
    """

    def __init__(self, speed: float | None = None) -> None:
        if speed is not None and speed <= 0:
            raise UsageError(f"the speed of a replay is above 0 (1 is real time); found {speed:g}.")
        self.speed = speed
        self._running, self._stopped = threading.Event(), threading.Event()
        self._running.set()
        self._lock, self._target = threading.Lock(), None

    _target: int | None

    def pause(self) -> None:
        """Stand still."""
        self._running.clear()

    def resume(self) -> None:
        """Go on."""
        self._running.set()

    def seek(self, lap: int) -> None:
        """Go to the instant at which the leader has completed a lap, forwards or backwards."""
        with self._lock:
            self._target = max(lap, 0)

    def stop(self) -> None:
        """End the session."""
        self._stopped.set()
        self._running.set()

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return not self._running.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it has been ended."""
        return self._stopped.is_set()

    @property
    def seeking(self) -> bool:
        """Whether a lap is being sought that nobody has taken note of yet."""
        return self._target is not None

    def sought(self) -> int | None:
        """Return the lap that is to be sought, once."""
        with self._lock:
            target, self._target = self._target, None
        return target

    def wait(self, seconds: float) -> None:
        """Wait for some seconds, and for as long as it is paused; a seek or a stop ends it."""
        until = time.monotonic() + seconds
        while not (self.stopped or self.seeking) and (self.paused or time.monotonic() < until):
            if self.paused:
                self._running.wait(STEP_S)
                until += STEP_S
            else:
                time.sleep(min(STEP_S, max(until - time.monotonic(), 0.0)))


def paced(items: Iterator[Item], control: Control) -> Iterator[Item]:
    """Yield items at the pace of the hand: each as many seconds after the one before as its source said it later, by the speed.

    Time that is spent on answers is made up for; time that is spent in a pause is not.
    """
    said, due = -math.inf, time.monotonic()
    for item in items:
        if not isinstance(item, End) and control.speed:
            now = item.now_s if isinstance(item, Tick) else item.published_s
            due += max(now - said, 0.0) / control.speed if math.isfinite(said) else 0.0
            said = max(said, now)
        if (halted := control.paused) or due > time.monotonic():
            control.wait(due - time.monotonic())
        if halted or control.seeking:
            due = time.monotonic()
        if control.stopped:
            return
        yield item
