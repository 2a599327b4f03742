"""What is said of a race while it is driven, in a file that one process writes and any number read: `.pitwall/live/RACE.jsonl`.

The watcher has the models, a server has none: its workers follow the file, so that all of them say the same. A watcher that dies is seen
as silence. Lines are whole or do not count; each watcher begins a file of its own with a name of its own, so that a reader who comes back
with a number of an earlier one is not handed the wrong answers.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from pitwall.domain.clock import wall
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer, LiveError

FOLDER = "live"
FORMAT = 1
STREAM, ANSWER, END = "stream", "answer", "end"  # kinds of lines
FINISHED, STOPPED = "finished", "stopped"  # why a stream ends
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
TAIL = 1 << 18  # bytes from the end in which the newest answer is looked for first


@dataclass(frozen=True)
class Line:
    """A line of a published race.

    Attributes:
        stream: which watcher wrote it.
        number: of an answer, from 1; 0 of the first line.
        kind: `stream`, `answer` or `end`.
        at: when it was written, ISO text in UTC.
        said: the answer, or the facts of the stream, or why it ended.
    """

    stream: str
    number: int
    kind: str
    at: str
    said: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The name by which a reader says how far they have come."""
        return f"{self.stream}-{self.number}"

    @property
    def age_s(self) -> float:
        """Seconds since it was written."""
        return max(0.0, (wall() - datetime.fromisoformat(self.at)).total_seconds())


def folder(project: Project) -> Path:
    """Return where the races of a project are published."""
    return project.state / FOLDER


def published(project: Project) -> dict[str, Path]:
    """Return {race: file} of what was published, the newest last."""
    found = sorted(folder(project).glob("*.jsonl"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return {path.stem: path for path in found if LABEL.fullmatch(path.stem)}


class Publisher:
    """Writes what is said of one race; the only one that does.

    Args:
        project: below which.
        race: its label.
        source: of the events.
        every: `per_lap` or `per_sector`.

    Raises:
        LiveError: another process publishes this race, or the label is no name of a file.
    """

    def __init__(self, project: Project, race: str, *, source: str, every: str) -> None:
        if not LABEL.fullmatch(race):
            raise LiveError(f"the race {race!r} cannot be published: expected a label such as 2023-12.")
        self.path = folder(project) / f"{race}.jsonl"
        self._number, self._stream, self._ended = 0, secrets.token_hex(6), False
        self._lock = _claimed(self.path)
        head = {"format": FORMAT, "race": race, "source": source, "every": every, "pid": os.getpid()}
        write_atomically(self.path, self._line(STREAM, head))
        self._file = self.path.open("ab", buffering=0)

    def say(self, answer: LiveAnswer) -> None:
        """Write an answer."""
        self._number += 1
        self._file.write(self._line(ANSWER, answer.to_json()))

    def end(self, why: str = FINISHED) -> None:
        """Say that no more will come, once."""
        if not self._ended:
            self._ended = True
            self._file.write(self._line(END, {"why": why}))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(FINISHED if error is None else STOPPED)
        self.close()

    def _line(self, kind: str, said: Mapping[str, Any]) -> bytes:
        at = wall().isoformat(timespec="milliseconds")
        row = {"kind": kind, "stream": self._stream, "n": self._number, "at": at, "said": said}
        return json.dumps(row, allow_nan=False, separators=(",", ":")).encode() + b"\n"


class Follower:
    """Reads what is published of a race, from where it has come to.

    Args:
        path: of the race's file.
        after: the id of the last line that was read; from the beginning when empty, or when it is of an earlier watcher.
    """

    def __init__(self, path: Path, after: str = "") -> None:
        self._path, self._after = path, after
        self._file, self._place = -1, 0

    def read(self) -> list[Line]:
        """Return the whole lines that have come since; a file that was begun anew is read from its beginning."""
        try:
            with self._path.open("rb") as file:
                there = os.fstat(file.fileno()).st_ino
                if there != self._file:
                    self._file, self._place = there, 0
                file.seek(self._place)
                content = file.read()
        except FileNotFoundError:
            return []
        whole, _, _ = content.rpartition(b"\n")
        self._place += len(whole) + 1 if whole else 0
        return self._behind([parsed(line) for line in whole.split(b"\n") if line])

    def _behind(self, lines: list[Line]) -> list[Line]:
        """Leave out what the reader has; told once, since only the first look can hold it."""
        stream, _, number = self._after.rpartition("-")
        self._after = ""
        if not number.isdecimal():
            return lines
        return [line for line in lines if line.stream != stream or line.number > int(number) or line.kind == END]


def head(path: Path) -> Line:
    """Return the first line of a published race: what its stream is."""
    with path.open("rb") as file:
        return parsed(file.readline())


def last_lines(path: Path) -> tuple[Line | None, Line | None]:
    """Return the newest answer of a published race, None before the first one, and the newest line."""
    found: list[Line] = []
    for back in (TAIL, 1 << 40):
        found = _tail(path, back)
        answers = [line for line in found if line.kind == ANSWER]
        if answers:
            return answers[-1], found[-1]
    return None, found[-1] if found else None


def _tail(path: Path, back: int) -> list[Line]:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - back))
        lines = file.read().split(b"\n")
    return [parsed(line) for line in lines[1 if size > back else 0 : -1]]


def parsed(line: bytes) -> Line:
    """Return a line of a published race.

    Raises:
        LiveError: it is none.
    """
    try:
        row = json.loads(line)
        return Line(row["stream"], int(row["n"]), row["kind"], row["at"], row["said"])
    except (ValueError, KeyError, TypeError) as error:
        raise LiveError(
            f"found a line of a published race that cannot be read ({error}); start `pitwall live --publish` again."
        ) from None


def _claimed(path: Path) -> FileLock:
    """Return the lock of a file that this process now writes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LiveError(
            f"another process publishes {path.stem} already; let it go on, or stop it and start again."
        ) from None
    return lock
