"""The files of a folder of runs, and how they are changed: whole, in one step, and by one process at a time.

experiments/
  metadata.json                 a list with one entry per run
  runs/run_001/params.json      {name: value}
  runs/run_001/metrics.json     {name: [{step, value, timestamp}, ...]}
  runs/run_001/artifacts.json   {name: type, size, sha256, ...} of what was logged with its entry
  runs/run_001/artifacts/       the files
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError
from pitwall.domain.files import write_atomically

INDEX, PARAMS, METRICS, ARTIFACTS = "metadata.json", "params.json", "metrics.json", "artifacts"


@dataclass(frozen=True)
class Folder:
    """The folder of a tracker.

    Attributes:
        base: where it is; made by the first run.
    """

    base: Path

    def run(self, run_id: str) -> Path:
        """Return the folder of a run."""
        return self.base / "runs" / run_id

    def entries(self) -> list[dict[str, Any]]:
        """Return the entries of all runs, oldest first."""
        return list(read_json(self.base / INDEX, []))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else change the folder meanwhile; the lock ends with its process."""
        self.base.mkdir(parents=True, exist_ok=True)
        with (self.base / ".lock").open("w") as file:
            _lock(file.fileno())
            yield

    @contextmanager
    def changing(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the entries of all runs and write what becomes of them; nothing where the block raises."""
        with self.locked():
            entries = self.entries()
            yield entries
            write_json(self.base / INDEX, entries)

    @contextmanager
    def changing_file(self, run_id: str, name: str) -> Iterator[dict[str, Any]]:
        """Yield the mapping in a file of a run and write what becomes of it; nothing where the block raises."""
        path = self.run(run_id) / name
        with self.locked():
            content = read_json(path, {})
            yield content
            write_json(path, content)


def read_json(path: Path, default: Any) -> Any:
    """Return what a file holds, the default where there is none.

    Raises:
        TrackingError: it is no JSON, or holds another kind of thing.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except ValueError as error:
        raise TrackingError(f"{path} is no JSON ({error}); put it back as it was, or move the folder away.") from error
    if type(content) is not type(default):
        raise TrackingError(f"{path} must hold a {type(default).__name__}; found a {type(content).__name__}.")
    return content


def write_json(path: Path, content: Any) -> None:
    """Write a file in one step."""
    write_atomically(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _lock(descriptor: int) -> None:
    """Wait for the lock of an open file; where a system knows none (in a browser) there is no second process either."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
    elif find_spec("fcntl"):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
