"""Which cut-offs the online store serves: one slot per feature set and cut-off, each a folder with a SQLite file of Feast's.

Slots lie in `feature_repo/.store/slots/`, and `online.json` beside them is the only word on which of them count. A slot is
filled in a folder of its own, which nobody reads, and counts from the moment at which the record names it: what was cut short
is never served, and what was served before still is. A filled slot is never written again; a correction makes a new one, which
starts as a copy of the old. So does a new cut-off, from the newest slot before it. The slots used last are kept.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
from filelock import FileLock

from pitwall.domain.params import load_params
from pitwall.domain.ports import Served
from pitwall.domain.project import Project
from pitwall.domain.racing.data_world import world

KEPT = 6  # cut-offs: the stages of the next race and of the last one

Fill = Callable[[Path], pd.Timestamp]
Files = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Slot:
    """A filled slot: what it serves, the name of its folder, and the fingerprint of each group's file that it was filled from."""

    served: Served
    files: Files

    @property
    def folder(self) -> str:
        """Return the name of its folder."""
        return self.served.version


class OnlineSlots:
    """The slots of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._store = project.feature_repo / ".store"
        self._home = self._store / "slots"
        self._record = self._store / "online.json"
        # Between threads and processes: a slot must not be thrown away while it is read.
        self.lock = FileLock(project.state / "online.lock")

    def prepare(self) -> None:
        """Make the folder; throw away what an earlier layout kept in it, which served a single cut-off."""
        with self.lock:
            if "slots" not in json.loads(_text(self._record) or '{"slots": []}'):
                shutil.rmtree(self._store)
            self._home.mkdir(parents=True, exist_ok=True)

    def served(self) -> tuple[Served, ...]:
        """Return what is served, the least recently used first."""
        return tuple(slot.served for slot in _slots(_text(self._record)))

    def find(self, service: str, cutoff: pd.Timestamp) -> Served | None:
        """Return what is served of a feature set at a cut-off; None where nobody materialised it, or it was thrown away."""
        slot = _by_key(_text(self._record)).get((service, instant(cutoff)))
        return None if slot is None else slot.served

    def folder(self, served: Served) -> Path:
        """Return where a slot lies."""
        return self._home / served.version

    def materialise(self, service: str, cutoff: pd.Timestamp, files: Files, fill: Fill) -> Served:
        """Return what is served of a feature set at a cut-off, after filling a slot where none is up to date.

        Args:
            service: the feature set.
            cutoff: the instant that it is served for, before or after any other.
            files: fingerprint of each group's file.
            fill: `fill(folder)` brings a copy of the nearest earlier slot (or an empty folder) to the cut-off and returns when
                the newest row in it became known. If it raises, everything is served as before.
        """
        key = (service, instant(cutoff))
        with self.lock:
            self.prepare()
            slots = self._current()
            own = next((slot for slot in slots if _key(slot) == key), None)
            others = [slot for slot in slots if slot is not own]
            if own is None or own.files != {name: list(mark) for name, mark in files.items()}:
                served = Served(service, key[1], pd.NaT, uuid4().hex)
                folder = self._start(self.folder(served), own or _before(slots, *key))
                own = Slot(replace(served, known=fill(folder)), files)
            self._publish([*others, own][-KEPT:])
            return own.served

    def _current(self) -> list[Slot]:
        """Return the slots of the data source in use whose folders are there; ids of another one mean others."""
        record = json.loads(_text(self._record) or "{}")
        own = record.get("world") == self._world()
        return [slot for slot in _slots(_text(self._record)) if own and (self._home / slot.folder).is_dir()]

    def _start(self, folder: Path, base: Slot | None) -> Path:
        if base is None:
            folder.mkdir()
        else:
            shutil.copytree(self._home / base.folder, folder)
        return folder

    def _publish(self, slots: Sequence[Slot]) -> None:
        """Replace the record in one step, then throw away what it no longer names, what a crash left behind included."""
        content = {"world": self._world(), "slots": [_row(slot) for slot in slots]}
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(self._record)
        named = {slot.folder for slot in slots}
        for folder in self._home.iterdir():
            if folder.name not in named:
                shutil.rmtree(folder)

    def _world(self) -> dict[str, Any]:
        return world(load_params(self._project.params))


def instant(cutoff: pd.Timestamp) -> pd.Timestamp:
    """Return a cut-off in UTC with microseconds."""
    return pd.Timestamp(cutoff).tz_convert("UTC").as_unit("us")


def _key(slot: Slot) -> tuple[str, pd.Timestamp]:
    return slot.served.service, slot.served.cutoff


def _before(slots: Sequence[Slot], service: str, cutoff: pd.Timestamp) -> Slot | None:
    earlier = [slot for slot in slots if slot.served.service == service and slot.served.cutoff <= cutoff]
    return max(earlier, key=lambda slot: slot.served.cutoff, default=None)


def _text(record: Path) -> str:
    try:
        return record.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


@lru_cache(maxsize=4)
def _by_key(record: str) -> dict[tuple[str, pd.Timestamp], Slot]:
    """Index the record by what its slots serve; every answer from the cache asks it, and it seldom changes."""
    return {_key(slot): slot for slot in _slots(record)}


@lru_cache(maxsize=4)
def _slots(record: str) -> tuple[Slot, ...]:
    return tuple(_slot(row) for row in json.loads(record or "{}").get("slots", []))


def _row(slot: Slot) -> dict[str, Any]:
    stamps = {name: getattr(slot.served, name).isoformat() for name in ("cutoff", "known")}
    return {**asdict(slot.served), **stamps, "files": slot.files}


def _slot(row: Mapping[str, Any]) -> Slot:
    cutoff, known = (instant(pd.Timestamp(row[name])) for name in ("cutoff", "known"))
    return Slot(Served(row["service"], cutoff, known, row["version"]), row["files"])
