"""A published race on its way to one reader: from the file that its watcher writes, as fast as this reader takes it.

A reader who is behind gets the newest answers and is told how many were left out; one who takes nothing at all is let go. So no reader
costs more memory than a few answers, and none waits for another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pitwall.serving.streams import events
from pitwall.serving.streams.events import Event, comment
from pitwall.workflows.live.published import ANSWER, END, STREAM, Follower, Line

POLL_S = 0.2  # between looks at the file
HEARTBEAT_S = 15.0  # without anything sent, after which a line is sent for its own sake
SILENT_S = 30.0  # without a line of the watcher, after which readers are told
SLOW_S = 20.0  # that a reader may take for one answer
MOST = 100  # answers that lie ready for one reader; of more the newest are sent
LONGEST_S = 60.0  # between two answers where a reader sets the pace


@dataclass(frozen=True)
class Wish:
    """What a reader asked for.

    Attributes:
        beginning: all that was published, not just the newest answer and what follows it.
        per_lap: only the first answer of a lap, of a revision of it and of a state, where answers come more often.
        speed: how many seconds of the race a second has; as they come when None.
    """

    beginning: bool = False
    per_lap: bool = False
    speed: float | None = None


class Readers:
    """Counts who is being answered.

    Args:
        most: at once.
    """

    def __init__(self, most: int) -> None:
        self.most, self.now = most, 0

    @property
    def full(self) -> bool:
        """Whether nobody else is let in."""
        return self.now >= self.most


class EventStream(Response):
    """The answer to a reader: it lasts until the race ends, the reader leaves or takes nothing any more.

    Args:
        follower: of the race's file.
        wish: of the reader.
        readers: among whom this one counts.
    """

    media_type = events.MEDIA

    def __init__(self, follower: Follower, wish: Wish, readers: Readers) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._follower, self._wish, self._readers = follower, wish, readers
        self._seen: set[tuple[Any, ...]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes."""
        self._readers.now += 1
        left = asyncio.create_task(_left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for text in self._texts(left):
                body = {"type": "http.response.body", "body": text, "more_body": True}
                await asyncio.wait_for(send(body), SLOW_S)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return  # the connection is closed: whoever comes back says how far they had come
        finally:
            left.cancel()
            self._readers.now -= 1

    async def _texts(self, left: asyncio.Task[None]) -> AsyncIterator[bytes]:
        first, wrote, sent = True, time.monotonic(), time.monotonic()
        pace = Pace(self._wish.speed)
        while not left.done():
            lines = self._follower.read()
            wrote = time.monotonic() - lines[-1].age_s if lines else wrote
            for event in self._events(lines, first=first):
                await _passed(left, pace.wait(event))
                yield event.text()
                sent = time.monotonic()
            if any(line.kind == END for line in lines[-1:]):
                return
            if (now := time.monotonic()) - sent >= HEARTBEAT_S or (first and now - wrote >= SILENT_S):
                sent = now
                yield _still(now - wrote)
            first = False
            await _passed(left, POLL_S)

    def _events(self, lines: Sequence[Line], *, first: bool) -> Iterator[Event]:
        """Return what is sent of new lines."""
        kept = [line for line in lines if not self._wish.per_lap or self._is_new(line)]
        answers = [line for line in kept if line.kind == ANSWER]
        most = len(answers) if self._wish.speed or (first and self._wish.beginning) else 1 if first else MOST
        over = {line.id for line in answers[: len(answers) - most]}
        if over and not first:
            yield Event(events.SKIPPED, {"answers": len(over)})
        for line in kept:
            if line.kind == ANSWER and line.id in over:
                continue
            yield Event(line.kind, dict(line.said), line.id if line.kind != STREAM else "")

    def _is_new(self, line: Line) -> bool:
        """Return whether a line is the first one of what it is about."""
        if line.kind != ANSWER:
            return True
        about = line.stream, *(line.said[name] for name in ("lap", "revision", "state"))
        known = about in self._seen
        self._seen.add(about)
        return not known


class Pace:
    """Says how long to wait before an answer, where the reader sets the pace.

    Args:
        speed: seconds of the race in one second; no waiting when None.
    """

    def __init__(self, speed: float | None) -> None:
        self._speed, self._clock = speed, None if speed is None else float("inf")

    def wait(self, event: Event) -> float:
        """Return the seconds to wait before an event."""
        if self._speed is None or self._clock is None or event.name != ANSWER:
            return 0.0
        before, self._clock = self._clock, float(event.data["clock_s"])
        return min(LONGEST_S, max(0.0, (self._clock - before) / self._speed))


def _still(silent_s: float) -> bytes:
    if silent_s < SILENT_S:
        return comment("still here")
    return Event(events.SILENCE, {"silent_s": round(silent_s)}).text()


async def _passed(left: asyncio.Task[None], seconds: float) -> None:
    """Wait, but not for a reader who has left."""
    if seconds > 0:
        await asyncio.wait({left}, timeout=seconds)


async def _left(receive: Receive) -> None:
    """Return when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
