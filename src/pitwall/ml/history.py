"""The append-only history of promotions and refusals: `mlruns/promotions.jsonl`, one JSON object a line.

The registry keeps no record of how aliases moved, so this file does. A line is on disk before the call returns; a line
torn by a crash is skipped by readers and closed by the next writer.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

from pitwall.domain.project import Project
from pitwall.domain.refs import Promotion

log = logging.getLogger(__name__)

LOCK_SECONDS = 120.0
KINDS = ("baseline", "promoted", "refused")


def history_file(project: Project) -> Path:
    """Return where the history is kept."""
    return project.mlruns / "promotions.jsonl"


def locked(project: Project) -> FileLock:
    """Return the lock under which aliases move and the history grows."""
    project.mlruns.mkdir(parents=True, exist_ok=True)
    return FileLock(str(project.mlruns / ".promotions.lock"), timeout=LOCK_SECONDS)


def append(project: Project, kind: str, record: Promotion) -> None:
    """Write one row to the disk; call it while holding `locked`."""
    path = history_file(project)
    line = json.dumps({"kind": kind, **asdict(record)}, sort_keys=True)
    torn = path.is_file() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as stream:
        stream.write(("\n" if torn else "") + line + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def promotions(project: Project, model: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of the history, oldest first, of one model or of all."""
    path = history_file(project)
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], start=1):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            log.warning("line %d of %s is torn and was skipped", number, path.name)
            continue
        if model is None or row["model"] == model:
            rows.append(row)
    return rows
