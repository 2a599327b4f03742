"""Any object of a notebook as a file that holds data only: text, JSON, tables, arrays and pictures, and no pickle."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pitwall.domain import clock
from pitwall.domain.errors import TrackingError, UsageError
from pitwall.domain.texts.param_texts import plain
from pitwall.tracking.sections.artifacts import media_type

INDEX = "artifacts.json"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*")


@dataclass(frozen=True)
class Artifact:
    """One artifact: its bytes, the ending of its file, and what it was."""

    content: bytes
    ending: str
    kind: str

    def entry(self, path: str) -> dict[str, Any]:
        """Return what a run's index says of it: type, size in bytes, sha256, media type, path, and when it was logged (UTC)."""
        return {
            "type": self.kind,
            "size": len(self.content),
            "sha256": sha256(self.content).hexdigest(),
            "media_type": media_type(path),
            "path": path,
            "logged_at": clock.wall().isoformat(),
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
        data: text, bytes, a path, a data frame, an array or a mapping of arrays (tensors count as arrays), a figure of matplotlib or
            plotly, or what JSON can hold.

    Raises:
        UsageError: it is none of these.
    """
    kind = type(data).__name__
    if isinstance(data, Path):
        return Artifact(of_file(data).content, data.suffix, "file")
    if isinstance(data, str):
        return Artifact(data.encode(), ".txt", kind)
    if isinstance(data, bytes):
        return Artifact(data, "", kind)
    for mark, write, ending in WRITERS:
        if hasattr(data, mark):
            return Artifact(write(data), ending, kind)
    if (arrays := _arrays(data)) is not None:
        return Artifact(_npz(arrays), ".npz", kind)
    try:
        return Artifact(json.dumps(data, indent=1, allow_nan=False).encode(), ".json", kind)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the artifact {name} is a {kind}, which is kept in no form of data ({error}); give text, bytes, a path, a data frame, "
            "arrays, a figure, or what JSON can hold. A model writes its own file: log that."
        ) from None


def of_image(name: str, image: Any) -> Artifact:
    """Return a picture as PNG.

    Args:
        name: of the artifact, for the error.
        image: an array (rows x columns, or rows x columns x 3 or 4; whole numbers 0 to 255 or fractions 0 to 1), or what has `save` as
            Pillow's images do.

    Raises:
        UsageError: it is neither.
    """
    if hasattr(image, "save"):
        return Artifact(_written(lambda file: image.save(file, format="PNG")), ".png", type(image).__name__)
    arrays = _arrays(image)
    if arrays is None or (array := arrays.get("array")) is None or array.ndim not in {2, 3}:
        raise UsageError(
            f"the image {name} is a {type(image).__name__}; give an array of two or three dimensions, or a picture."
        )
    from matplotlib.image import imsave

    return Artifact(_written(lambda file: imsave(file, array, format="png", cmap="gray")), ".png", "image")


def of_table(name: str, table: Any) -> Artifact:
    """Return a table as JSON with `columns` and `data`, which MLflow's pages show as one.

    Args:
        name: of the artifact, for the error.
        table: a data frame, rows as a list of mappings, or {column: values}.

    Raises:
        UsageError: it is none of these, or holds what JSON cannot.
    """
    if hasattr(table, "to_dict") and hasattr(table, "columns"):
        table = {str(column): table[column].tolist() for column in table.columns}
    if isinstance(table, list):
        columns = list(dict.fromkeys(str(key) for row in table for key in row))
        data = [[plain(row.get(column)) for column in columns] for row in table]
    elif isinstance(table, Mapping):
        columns, data = (
            [str(key) for key in table],
            [[plain(each) for each in row] for row in zip(*table.values(), strict=True)],
        )
    else:
        raise UsageError(
            f"the table {name} is a {type(table).__name__}; give a data frame, a list of rows, or columns by name."
        )
    return Artifact(json.dumps({"columns": columns, "data": data}, allow_nan=False).encode(), ".json", "table")


def path_of(name: str, ending: str) -> str:
    """Return the file of an artifact; the ending is added where the name has none.

    Raises:
        UsageError: the name leads elsewhere, is that of the run's index, or has characters that not every file system takes.
    """
    if name == INDEX:
        raise UsageError(f"{INDEX} is where a run says what its artifacts are; choose another name.")
    if not NAME.fullmatch(name):
        raise UsageError(
            f"an artifact is named by letters, digits and any of `_ - . /`, e.g. plots/loss; found {name!r}."
        )
    return name if Path(name).suffix else f"{name}{ending}"


def _arrays(data: Any) -> dict[str, Any] | None:
    """Return an array, or a mapping of arrays, by name; None for what is neither, which needs no NumPy to be told."""
    given = data if isinstance(data, Mapping) else {"array": data}
    if not given or not all(hasattr(each, "detach") or hasattr(each, "__array__") for each in given.values()):
        return None
    import numpy as np

    found = {
        str(name): np.asarray(each.detach().cpu() if hasattr(each, "detach") else each) for name, each in given.items()
    }
    return None if any(each.dtype.hasobject for each in found.values()) else found


def _npz(arrays: dict[str, Any]) -> bytes:
    import numpy as np

    return _written(lambda file: np.savez(file, allow_pickle=False, **arrays))


def _written(write: Any) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


# what tells an object that writes itself, how it does, and the ending of its file
WRITERS: tuple[tuple[str, Callable[[Any], bytes], str], ...] = (
    ("to_parquet", lambda frame: bytes(frame.to_parquet()), ".parquet"),
    ("savefig", lambda figure: _written(lambda file: figure.savefig(file, format="png")), ".png"),
    ("to_plotly_json", lambda figure: bytes(figure.to_html(include_plotlyjs=True).encode()), ".html"),
)
