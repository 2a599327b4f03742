"""Server-sent events as text: written by the server, read by the client."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

ANSWER, END, SILENCE, SKIPPED, STREAM = "answer", "end", "silence", "skipped", "stream"  # events of a published race
MEDIA = "text/event-stream"


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        name: which of them it is.
        data: its content, as JSON has it.
        id: what a reader names who comes back; empty where it is none that is counted.
    """

    name: str
    data: Any
    id: str = ""

    def text(self) -> bytes:
        """Return it as it is sent."""
        lines = [f"id: {self.id}"] if self.id else []
        content = json.dumps(self.data, allow_nan=False, separators=(",", ":"))
        return "\n".join([*lines, f"event: {self.name}", f"data: {content}", "", ""]).encode()


def comment(text: str) -> bytes:
    """Return a line that readers pass over; it keeps the connection from seeming dead."""
    return f": {text}\n\n".encode()


def events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events of lines; what was cut off before its empty line is none."""
    said: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in said:
                yield Event(said.get("event", "message"), json.loads(said["data"]), said.get("id", ""))
            said = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            said[name] = f"{said[name]}\n{value}" if name == "data" and name in said else value
