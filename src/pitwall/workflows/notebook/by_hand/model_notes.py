"""Notes on models that the pipeline does not know: versions, stages and metrics of any name, kept apart from what is judged.

Nothing here has gates, because nobody could judge such a model: its metrics are claims of whoever typed them, and every entry says so.
Nothing that answers anybody (forecasts, servers, `pitwall registry`) reads a note; see decision 40.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from pitwall.domain import clock
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.numbers import checked
from pitwall.workflows.notebook.by_hand.plain import plain

STAGES = ("development", "staging", "production", "archived")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
OWN = ("version", "stage", "registered_at", "claimed", "moves")
LOCK_SECONDS = 30.0


class ModelNotes:
    """The notes of a project, one file of rows per model: what was registered, and every move since.

    Args:
        folder: of the files; made with the first note.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names of models with notes, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.jsonl"))

    def register(self, name: str, info: Mapping[str, Any]) -> int:
        """Note a new version in the stage `development` and return its number.

        Args:
            name: of the model: letters, digits and any of `_ . -`.
            info: what there is to say of it: `metrics`, `params` and more.

        Raises:
            UsageError: the name is none, or the information is no plain data or has the name of one of our own fields.
            TrackingError: a metric is no finite number.
        """
        if not NAME.fullmatch(name):
            raise UsageError(
                f"a model is named by letters, digits and any of `_ . -`, e.g. text_classifier; found {name!r}."
            )
        if taken := [key for key in OWN if key in info]:
            raise UsageError(f"{taken[0]!r} is a field of every version and cannot be given; call it otherwise.")
        kept = plain(info, name)
        metrics = kept.get("metrics", {})
        if not isinstance(metrics, dict) or "version" in metrics:
            raise UsageError(f"metrics of {name} are a mapping from name to number, none of them called `version`.")
        checked(metrics)
        with self._locked(name):
            rows = self._rows(name)
            number = len([row for row in rows if row["kind"] == "version"]) + 1
            self._write(name, [*rows, {"kind": "version", "at": _now(), "info": kept}])
        return number

    def move(self, name: str, version: int, stage: str, *, by: str = "", note: str = "") -> dict[str, Any]:
        """Move a version to a stage, whoever was in production before becoming archived; return its entry.

        Raises:
            UnknownName: there is no such model, version or stage.
        """
        word = stage.strip().casefold()
        if word not in STAGES:
            raise UnknownName("stage", stage, STAGES)
        self.get(name, version)
        with self._locked(name):
            row = {"kind": "move", "at": _now(), "version": version, "stage": word, "by": by, "note": note}
            self._write(name, [*self._rows(name), row])
        return self.get(name, version)

    def versions(self, name: str) -> list[dict[str, Any]]:
        """Return the versions of a model, oldest first: version, stage, registered_at, claimed, moves, and what was said of it.

        Raises:
            UnknownName: there are no notes on it.
        """
        if name not in self.names():
            raise UnknownName("model with notes", name, self.names())
        found: list[dict[str, Any]] = []
        for row in self._rows(name):
            if row["kind"] == "version":
                own = {
                    "version": len(found) + 1,
                    "stage": STAGES[0],
                    "registered_at": row["at"],
                    "claimed": True,
                    "moves": [],
                }
                found.append({**own, **row["info"]})
                continue
            for entry in found:
                if row["stage"] == "production" == entry["stage"]:
                    entry["stage"] = "archived"
            moved = found[row["version"] - 1]
            moved["stage"] = row["stage"]
            moved["moves"].append({key: row[key] for key in ("at", "stage", "by", "note")})
        return found

    def get(self, name: str, version: int) -> dict[str, Any]:
        """Return a version by number; raise UnknownName if there is none."""
        known = {entry["version"]: entry for entry in self.versions(name)}
        if version not in known:
            raise UnknownName(f"version of {name}", str(version), map(str, known))
        return known[version]

    def production(self, name: str) -> dict[str, Any] | None:
        """Return the version in production, None where none is."""
        return next((entry for entry in self.versions(name) if entry["stage"] == "production"), None)

    def compare(self, name: str, v1: int, v2: int) -> dict[str, Any]:
        """Return {"version": (v1, v2), metric: {"v1", "v2", "delta"}}; a delta is v2 - v1, None where one lacks the metric."""
        first, second = (self.get(name, which).get("metrics", {}) for which in (v1, v2))
        compared: dict[str, Any] = {"version": (v1, v2)}
        for metric in dict.fromkeys([*first, *second]):
            one, other = first.get(metric), second.get(metric)
            delta = None if one is None or other is None else other - one
            compared[metric] = {"v1": one, "v2": other, "delta": delta}
        return compared

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _locked(self, name: str) -> FileLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(str(self._folder / f".{name}.lock"), timeout=LOCK_SECONDS)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        path = self._file(name)
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []

    def _write(self, name: str, rows: list[dict[str, Any]]) -> None:
        write_atomically(self._file(name), "".join(f"{json.dumps(row, allow_nan=False)}\n" for row in rows))


def _now() -> str:
    return clock.wall().isoformat()
