"""A session on a terminal: answers come from a thread of their own, keys and the clock between them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pitwall.cli.machinery.live.board import Shown, board
from pitwall.cli.machinery.live.keys import Hand, pressed, raw_keys
from pitwall.cli.machinery.live.lines import line

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.live.answer import LiveAnswer
    from pitwall.live.control import Control
    from pitwall.workflows.live.course import Course

LOOK_S = 0.1  # between looks at the keys
AHEAD = 4  # answers that may lie ready


def print_lines(answers: Iterator[LiveAnswer], course: Course, screen: Console, shown: Shown) -> LiveAnswer | None:
    """Print a line per answer, unless it reads as the one before, and return the last answer.

    Args:
        answers: of the session.
        course: that is kept.
        screen: to print on.
        shown: which drivers.
    """
    last, said = None, ""
    for last in answers:
        course.see(last)
        before, said = said, line(last, shown.drivers)
        if said != before:
            screen.print(said, soft_wrap=True)
    return last


def play(
    answers: Iterator[LiveAnswer], course: Course, screen: Console, shown: Shown, control: Control
) -> LiveAnswer | None:
    """Show a table that follows the answers, obey the keys, and return the last answer.

    Args:
        answers: of the session.
        course: that is kept.
        screen: a terminal.
        shown: which drivers, and whether anybody counts the seconds.
        control: of the session.
    """
    from rich.live import Live

    ahead, hand = _Ahead(answers), Hand(control)
    last, came, drawn = None, time.monotonic(), None
    with raw_keys() as terminal, Live(console=screen, auto_refresh=False, transient=False) as live:
        ahead.start()
        try:
            while not control.stopped:
                fresh = ahead.next(LOOK_S)
                if fresh is None and ahead.over:
                    break
                if fresh is not None:
                    course.see(fresh)
                    last, came = fresh, time.monotonic()
                for key in pressed(terminal):
                    hand.press(key, last.lap if last else 0)
                if last is not None:
                    age = None if shown.age_s is None else float(int(time.monotonic() - came))
                    now = replace(_now(shown, control, hand, terminal is not None), age_s=age)
                    if drawn != (last, now):  # a table takes hundredths of a second: it is drawn where anything changed
                        live.update(board(last, course, now), refresh=True)
                        drawn = last, now
        finally:
            control.stop()
            ahead.join()
    return last


def _now(shown: Shown, control: Control, hand: Hand, keys: bool) -> Shown:
    return replace(shown, paused=control.paused, speed=control.speed, typed=hand.typed, keys=keys)


@dataclass
class _Ahead:
    """Takes answers in a thread, a few ahead of whoever shows them; what fails there is raised here."""

    answers: Iterator[LiveAnswer]
    over: bool = False
    _ready: queue.Queue[LiveAnswer | Exception | None] = field(default_factory=lambda: queue.Queue(AHEAD))
    _left: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._take, name="pitwall-live", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> LiveAnswer | None:
        """Return the next answer; None where none came in time, or none will."""
        try:
            found = self._ready.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(found, Exception):
            raise found
        self.over = found is None
        return found

    def join(self) -> None:
        """Wait for the thread to end; what it has ready is let go."""
        self._left.set()
        self._thread.join()

    def _take(self) -> None:
        try:
            for answer in self.answers:
                if not self._put(answer):
                    break
            self._put(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread that shows is told
            self._put(error)
        finally:
            _close(self.answers)

    def _put(self, what: LiveAnswer | Exception | None) -> bool:
        while not self._left.is_set():
            try:
                self._ready.put(what, timeout=LOOK_S)
            except queue.Full:
                continue
            return True
        return False


def _close(answers: Iterator[LiveAnswer]) -> None:
    close: Callable[[], None] | None = getattr(answers, "close", None)
    if close is not None:
        close()
