"""The manifest's section on artifacts: hash, size and type of every file that the run holds when it is completed.

The files are read back from the run store, so that the hashes are those of what is kept, whoever logged it and however it got there.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

SELF = "manifest/manifest.json"
TAGS = "tags/"  # long tags, kept whole as files: they may change when the run is over
BYTES = "application/octet-stream"
TYPES = {
    ".json": "application/json",
    ".lock": "text/plain",
    ".npz": "application/x-npz",
    ".parquet": "application/vnd.apache.parquet",
    ".patch": "text/x-diff",
    ".yaml": "application/yaml",
}


def artifacts(files: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Return {path: {sha256, bytes, type}} of a run's files, but for the manifest itself and what is no artifact."""
    return {path: _entry(path, file) for path, file in files.items() if path != SELF and not path.startswith(TAGS)}


def media_type(path: str) -> str:
    """Return the media type of a file by its ending.

    Example:
        >>> media_type("predictions/predictions.parquet")
        'application/vnd.apache.parquet'
    """
    return TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or BYTES


def changed(recorded: Mapping[str, Mapping[str, Any]], files: Mapping[str, Path]) -> list[str]:
    """Return the paths of recorded artifacts that are gone or have other bytes."""
    kept = {path: file for path, file in files.items() if path in recorded}
    now = artifacts(kept)
    return [path for path, entry in recorded.items() if path not in now or now[path]["sha256"] != entry["sha256"]]


def _entry(path: str, file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return {"sha256": digest, "bytes": file.stat().st_size, "type": media_type(path)}
