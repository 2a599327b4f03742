"""A bounded queue between a feed that keeps its own time and whoever answers: the feed waits when it is full, nothing is lost.

Whoever is slow gets everything that has come in the meantime at once, and answers about the newest lap of it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from pitwall.live.control import STEP_S, Control
from pitwall.live.events import End, Item


def taken(items: Iterator[Item], size: int, control: Control) -> Iterator[list[Item]]:
    """Yield what a feed tells, in portions of all that waits, until it ends or the session is stopped.

    Args:
        items: of the feed; it is read in a thread of its own.
        size: items that may wait.
        control: of the session.
    """
    waiting: queue.Queue[Item | BaseException] = queue.Queue(size)
    over = threading.Event()
    reader = threading.Thread(target=_read, args=(items, waiting, over), name="live feed", daemon=True)
    reader.start()
    try:
        while not control.stopped:
            if control.paused:
                control.wait(0.0)
                continue
            portion = _portion(waiting)
            if portion:
                yield portion
            if any(isinstance(item, End) for item in portion):
                return
    finally:
        over.set()


def _read(items: Iterator[Item], waiting: queue.Queue[Item | BaseException], over: threading.Event) -> None:
    """Put items into the queue; an error of the feed is put there too, for whoever reads."""
    try:
        for item in items:
            if not _put(item, waiting, over):
                return
        _put(End(), waiting, over)
    except BaseException as error:  # noqa: BLE001  (handed to the session, which raises it)
        _put(error, waiting, over)


def _put(item: Item | BaseException, waiting: queue.Queue[Item | BaseException], over: threading.Event) -> bool:
    while not over.is_set():
        try:
            waiting.put(item, timeout=STEP_S)
        except queue.Full:
            continue
        return True
    return False


def _portion(waiting: queue.Queue[Item | BaseException]) -> list[Item]:
    found: list[Item] = []
    try:
        item = waiting.get(timeout=STEP_S)
        while True:
            if isinstance(item, BaseException):
                raise item
            found.append(item)
            item = waiting.get_nowait()
    except queue.Empty:
        return found
