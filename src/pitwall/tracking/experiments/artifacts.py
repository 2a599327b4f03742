"""Any object of a notebook as a file that holds data only: text, JSON, tables, arrays and pictures, and no pickle."""

from __future__ import annotations

import io
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pitwall.domain.errors import TrackingError, UsageError

FOLDER = "artifacts"
INDEX = "artifacts.json"
BYTES = "application/octet-stream"
TYPES = {".parquet": "application/vnd.apache.parquet", ".npz": "application/x-npz", ".json": "application/json"}
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*")


@dataclass(frozen=True)
class Artifact:
    """One artifact: its bytes, the ending of its file, and what it was."""

    content: bytes
    ending: str
    kind: str

    def entry(self, path: str) -> dict[str, Any]:
        """Return what a run's index says of it: type, size in bytes, sha256, media type, path, and when it was logged (UTC)."""
        media = TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or BYTES
        return {
            "type": self.kind,
            "size": len(self.content),
            "sha256": sha256(self.content).hexdigest(),
            "media_type": media,
            "path": f"{FOLDER}/{path}",
            "logged_at": datetime.now(UTC).isoformat(),
        }


def of_file(path: Path) -> Artifact:
    """Return a file as it is; raise TrackingError where there is none."""
    if not path.is_file():
        raise TrackingError(
            f"cannot log {path}: it is no file. To log text under a name, give both: log_artifact(name, text)."
        )
    return Artifact(path.read_bytes(), "", "file")


def of_data(name: str, data: Any) -> Artifact:
    """Return an object as bytes.

    Args:
        name: of the artifact, for the error.
        data: text, bytes, a path, a data frame, an array or a mapping of arrays (tensors count as arrays), a figure of matplotlib, or
            what JSON can hold.

    Raises:
        UsageError: it is none of these.
    """
    kind = type(data).__name__
    if isinstance(data, Path):
        return Artifact(of_file(data).content, data.suffix, "file")
    if isinstance(data, str | bytes):
        return Artifact(
            data.encode() if isinstance(data, str) else bytes(data), "" if isinstance(data, bytes) else ".txt", kind
        )
    if hasattr(data, "to_parquet"):
        return Artifact(data.to_parquet(), ".parquet", kind)
    if hasattr(data, "savefig"):
        return Artifact(_written(lambda file: data.savefig(file, format="png")), ".png", kind)
    if (arrays := _arrays(data)) is not None:
        return Artifact(_npz(arrays), ".npz", kind)
    try:
        return Artifact(json.dumps(data, indent=1, allow_nan=False).encode(), ".json", kind)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the artifact {name} is a {kind}, which is kept in no form of data ({error}); give text, bytes, a path, a data frame, "
            "arrays, a figure, or what JSON can hold. A model writes its own file: log that."
        ) from None


def path_of(name: str, ending: str) -> str:
    """Return the file of an artifact; the ending is added where the name has none.

    Raises:
        UsageError: the name leads elsewhere, or has characters that not every file system takes.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"an artifact is named by letters, digits and any of `_ - . /`, e.g. plots/loss; found {name!r}."
        )
    return name if Path(name).suffix else f"{name}{ending}"


def _arrays(data: Any) -> dict[str, Any] | None:
    import numpy as np

    def array(value: Any) -> Any:
        given = value.detach().cpu() if hasattr(value, "detach") else value
        return np.asarray(given) if hasattr(given, "__array__") else None

    if (alone := array(data)) is not None:
        found = {"array": alone}
    elif isinstance(data, Mapping) and data and all(array(value) is not None for value in data.values()):
        found = {str(key): array(value) for key, value in data.items()}
    else:
        return None
    return None if any(each.dtype.hasobject for each in found.values()) else found


def _npz(arrays: dict[str, Any]) -> bytes:
    import numpy as np

    return _written(lambda file: np.savez(file, allow_pickle=False, **arrays))


def _written(write: Any) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()
