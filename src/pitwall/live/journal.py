"""What a live session has heard and said, as a file that only grows: one JSON object a line, so that a kill costs at most the last line.

The first line says the format and the race. Then come events as they were heard, and, each time the race was asked about, which version of
which lap was told and the hash of what was said. Whoever reads it again knows what was known, and what need not be told twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.live.answer import LiveError
from pitwall.live.events import Event, event_from_json

FORMAT = 1
Told = tuple[int, str]  # revision, hash of what was said


@dataclass
class Heard:
    """The content of a journal.

    Attributes:
        events: in the order in which they were heard.
        told: by lap and sector the newest version that was told, and the hash of what was said.
        whole: bytes that are whole lines; what follows was cut off by a kill.
    """

    events: list[Event] = field(default_factory=list)
    told: dict[tuple[int, int], Told] = field(default_factory=dict)
    whole: int = 0


def read_journal(path: Path, race: str, source: str | None = None) -> Heard:
    """Return what a journal holds; a last line that a kill cut off is left out.

    Args:
        path: of the file.
        race: label of the race that it must be of.
        source: that it must be of; any when None.

    Raises:
        LiveError: there is none, it is of another race, source or format, or a line in its midst is damaged.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise LiveError(f"{path} cannot be read ({error}); name a file that a live session wrote.") from error
    heard, last = Heard(), len(lines)
    for number, line in enumerate(lines, start=1):
        try:
            content = json.loads(line)
        except ValueError:
            content = None
        if content is None or not line.endswith(b"\n"):
            if number == last:
                break
            raise LiveError(f"{path}: line {number} is damaged; follow the race again with another file.")
        if number == 1:
            _check_head(path, content, race, source)
        elif "event" in content:
            heard.events.append(event_from_json(content["event"]))
        else:
            heard.told[content["lap"], content["sector"]] = (content["revision"], content["said"])
        heard.whole += len(line)
    return heard


def _check_head(path: Path, content: Any, race: str, source: str | None) -> None:
    head = content if isinstance(content, dict) else {}
    if head.get("format") != FORMAT:
        raise LiveError(f"{path} has format {head.get('format')!r}; this version reads {FORMAT}. Name another file.")
    if head.get("race") != race:
        raise LiveError(f"{path} is of the race {head.get('race')}; asked for {race}. Name another file.")
    if source not in {None, head.get("source")}:  # each numbers its events in a way of its own
        raise LiveError(
            f"{path} was told by {head.get('source')}; asked for {source}. Name another file, or follow that source."
        )


class Journal:
    """Writes a journal; what it holds already is read first and kept.

    Args:
        path: of the file.
        race: label of the race.
        source: of the events.
    """

    def __init__(self, path: Path, race: str, source: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.is_file() and path.stat().st_size > 0
        self.heard = read_journal(path, race, source) if there else Heard()
        self._file = path.open("r+b" if there else "wb")
        self._file.truncate(self.heard.whole)
        self._file.seek(self.heard.whole)
        if not self.heard.whole:
            self._write({"format": FORMAT, "race": race, "source": source})
            self.flush()

    def hear(self, events: Iterable[Event]) -> None:
        """Write events down; they are safe with the next `flush`."""
        for each in events:
            self._write({"event": each.to_json()})

    def tell(self, lap: int, sector: int, revision: int, said: str) -> None:
        """Write down that a version of a lap was told."""
        self._write({"lap": lap, "sector": sector, "revision": revision, "said": said})

    def flush(self, *, durable: bool = False) -> None:
        """Hand the lines to the system, which a kill of this process does not undo; with `durable` to the disk."""
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write everything and let the file go."""
        self.flush(durable=True)
        self._file.close()

    def _write(self, content: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def digest(said: Mapping[str, Mapping[tuple[int, ...], tuple[float, ...]]]) -> str:
    """Return the hash of what was said in a round, by the bits of every number."""
    whole = hashlib.sha256()
    for name in sorted(said):
        for key in sorted(said[name]):
            whole.update(f"{name}{key}{[value.hex() for value in said[name][key]]}".encode())
    return whole.hexdigest()[:16]
