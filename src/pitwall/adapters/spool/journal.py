"""The journals: one folder per run in `.pitwall/spool`, a line per call, in the order of the calls, on disk when `append` returns.

A journal only grows. How far it was sent stands in a file beside it, so that two things are never written in one place. Files of a run are
copied beside it before the line that names them. One lock for all journals is held for the time of an append or a removal, another
for the whole of a sync; the operating system lets either go with its process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock

from pitwall.adapters.processes.identity import life, this_process
from pitwall.domain.errors import TrackingError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project

FOLDER = "spool"
OFFLINE = "offline-"
JOURNAL, PROGRESS, REFUSED, TORN = "journal.jsonl", "progress.json", "refused.jsonl", "torn"
SYNCED, GONE, SET_ASIDE = "synced.jsonl", ".gone-", "set_aside"
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

Line = dict[str, Any]


def now() -> int:
    """Return milliseconds since 1970."""
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Progress:
    """How far a journal was sent: the run's id in the store, None before it is there, and the number of lines."""

    run: str | None = None
    sent: int = 0


class Spool:
    """All journals of a project."""

    def __init__(self, project: Project) -> None:
        self.folder = project.state / FOLDER

    def lock(self, name: str = "append") -> FileLock:
        """Return a lock of this machine's processes and threads; a new one each time, as it is held once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / f".{name}.lock")

    def journal(self, run_id: str) -> Journal:
        """Return the journal of a run, whether it holds anything or not."""
        if not RUN_ID.fullmatch(run_id):
            raise TrackingError(f"{run_id!r} is no id of a run; one has letters, digits, - and _ only.")
        return Journal(self, run_id)

    def holds(self, run_id: str) -> bool:
        """Return whether calls of a run wait here, or would have to follow some that do."""
        return (self.folder / run_id / JOURNAL).is_file()

    def ids(self) -> list[str]:
        """Return the runs that have a journal, parents before their children."""
        found = [each.parent.name for each in self.folder.glob(f"[!.]*/{JOURNAL}")]
        return sorted(found, key=lambda run_id: (self.journal(run_id).began, run_id))

    def store_id(self, run_id: str) -> str | None:
        """Return the id that a run has in the store: its own, or what it got there; None while it has none."""
        if not run_id.startswith(OFFLINE):
            return run_id
        return self.journal(run_id).progress().run or self.synced().get(run_id)

    def synced(self) -> dict[str, str]:
        """Return {own id: id in the store} of the runs that began here and are there in whole."""
        return {line["own"]: line["run"] for line in read_lines(self.folder / SYNCED)}

    def set_aside(self) -> list[Path]:
        """Return the journals of which something could not be sent."""
        return sorted((self.folder / SET_ASIDE).glob("*"))

    def sweep(self) -> None:
        """Remove what a kill left of journals that were sent."""
        for left in self.folder.glob(f"{GONE}*"):
            shutil.rmtree(left)


@dataclass(frozen=True)
class Journal:
    """What one run has logged since the store was away."""

    spool: Spool
    run_id: str

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.spool.folder / self.run_id

    @property
    def began(self) -> int:
        """The instant of its first line."""
        return min((int(line["at"]) for line in self.lines()[:1]), default=0)

    def append(self, call: str, at: int, arguments: Mapping[str, Any], files: Path | None = None) -> None:
        """Write a call down; it is on disk when this returns, with a copy of the file or folder that it logs."""
        line = {"call": call, "at": at, "by": this_process(), **arguments}
        with self.spool.lock():
            if files is not None:
                line["copy"] = self._copied(files)
            append_line(self.folder / JOURNAL, line)

    def lines(self) -> list[Line]:
        """Return the whole lines; what a kill left of a last one is none."""
        return read_lines(self.folder / JOURNAL)

    def mend(self) -> None:
        """Set a torn last line aside."""
        with self.spool.lock():
            _mend(self.folder / JOURNAL)

    def torn(self) -> list[str]:
        """Return the names of the files in which torn lines were set aside."""
        return sorted(each.name for each in self.folder.glob(f"{TORN}-*"))

    def refused(self) -> list[Line]:
        """Return the lines that the store refused, each with its number and the error."""
        return read_lines(self.folder / REFUSED)

    def refuse(self, number: int, error: str) -> None:
        """Write down that the store refused a line; once, whatever is killed in between."""
        if number not in [line["line"] for line in self.refused()]:
            append_line(self.folder / REFUSED, {"line": number, "error": error})

    def progress(self) -> Progress:
        """Return how far it was sent; nothing where that is not known: sending twice does no harm."""
        path = self.folder / PROGRESS
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        return Progress(**json.loads(text)) if text else Progress()

    def mark(self, progress: Progress) -> None:
        """Write down how far it was sent."""
        write_atomically(self.folder / PROGRESS, json.dumps({"run": progress.run, "sent": progress.sent}))

    def settle(self, progress: Progress) -> bool:
        """Close the journal if all of it was sent and nobody goes on writing; return whether all was sent.

        One of which something was torn or refused is set aside whole, any other is removed.
        """
        with self.spool.lock():
            lines = self.lines()
            if len(lines) > progress.sent:
                return False
            if any(line["call"] == "finish" for line in lines) or not _somebody_lives(lines):
                self._close(progress)
            return True

    def _close(self, progress: Progress) -> None:
        if self.run_id.startswith(OFFLINE) and progress.run and self.run_id not in self.spool.synced():
            append_line(self.spool.folder / SYNCED, {"own": self.run_id, "run": progress.run, "at": now()})
        if self.torn() or self.refused():
            kept = self.spool.folder / SET_ASIDE / f"{self.run_id}-{now()}"
            kept.parent.mkdir(exist_ok=True)
            self.folder.rename(kept)
            return
        gone = self.folder.rename(self.spool.folder / f"{GONE}{uuid4().hex}")
        shutil.rmtree(gone)

    def _copied(self, path: Path) -> str:
        """Copy a file, or what is in a folder, and return the copy's name here."""
        name = f"{uuid4().hex[:12]}{'' if path.is_dir() else f'/{path.name}'}"
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _ = shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
        for each in [target, *target.rglob("*")]:
            _to_disk(each)
        return name


def append_line(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line of JSON to a file and see it on disk; what a kill left of a last one is set aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _mend(path)
    with path.open("ab") as file:
        file.write(f"{json.dumps(line, allow_nan=False)}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    _to_disk(path.parent)


def read_lines(path: Path) -> list[Line]:
    """Return the whole lines of a file of JSON lines.

    Raises:
        TrackingError: one of them is damaged; names it.
    """
    whole = path.read_bytes().rpartition(b"\n")[0] if path.is_file() else b""
    lines = []
    for number, text in enumerate(whole.splitlines(), 1):
        try:
            lines.append(dict(json.loads(text)))
        except ValueError:
            raise TrackingError(
                f"line {number} of {path} is no JSON object: somebody changed it, or the disk did. Nothing of this file was sent from "
                "there on; move the line to a file beside it, and run `pitwall exp sync` again."
            ) from None
    return lines


def _mend(path: Path) -> None:
    """Cut off what a kill or a power cut left of a last line, and keep it beside the file under a name of its own."""
    content = path.read_bytes() if path.is_file() and not _ends_well(path) else b""
    if not content:
        return
    whole = content.rpartition(b"\n")
    kept = len(whole[0]) + len(whole[1])
    write_atomically(path.with_name(f"{TORN}-{path.stem}-{kept}.txt"), whole[2])
    with path.open("rb+") as file:
        file.truncate(kept)
        os.fsync(file.fileno())


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return True
        file.seek(size - 1)
        return file.read() == b"\n"


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _somebody_lives(lines: list[Line]) -> bool:
    """Return whether a process that wrote here may go on: it lives, or nobody can know."""
    return any(life(process) != "gone" for process in {line["by"] for line in lines})
