"""Whole runs in one Parquet file: one row per run, mappings as JSON, artifacts as bytes beside their hashes.

Anything that reads Parquet reads it; what reads it here believes no byte whose hash is another one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import Measured
from pitwall.tracking.transfer.whole_run import WholeRun

if TYPE_CHECKING:
    import pyarrow as pa

GROUP = 50  # runs that are in memory at once
TEXTS = ("own_id", "experiment", "name", "status", "parent", "description")
JSON = ("tags", "params", "metrics", "not_finite", "datasets")
FORMAT = {b"pitwall": b"runs 1"}


def write(runs: Iterable[WholeRun], path: Path) -> int:
    """Write runs to a file, which appears when it is whole, and return how many they were."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    fresh, many, rest, schema = path.with_name(f".{path.name}.new"), 0, iter(runs), _schema()
    with pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
        while group := [_row(run) for run in islice(rest, GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema))
            many += len(group)
    fresh.replace(path)
    return many


def count(path: Path) -> int:
    """Return how many runs a file holds.

    Raises:
        TrackingError: it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise TrackingError(f"{path} cannot be read as Parquet: {error}") from error


@contextmanager
def reading(path: Path) -> Iterator[Iterator[WholeRun]]:
    """Yield the runs of a file one by one; their artifacts are there until the block ends.

    Raises:
        TrackingError: the file is none of `write`, or an artifact is not what its hash says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise TrackingError(f"{path} cannot be read as Parquet: {error}") from error
    missing = sorted(set(_schema().names) - set(file.schema_arrow.names))
    if missing:
        raise TrackingError(
            f"{path} has no column {', '.join(missing)}: it is no file of whole runs, as `pitwall exp export --records` writes it."
        )
    with file, tempfile.TemporaryDirectory() as folder:
        rows = (row for batch in file.iter_batches(GROUP) for row in batch.to_pylist())
        yield (_run(row, Path(folder) / str(number)) for number, row in enumerate(rows))


def _schema() -> pa.Schema:
    import pyarrow as pa

    file = pa.struct([("path", pa.string()), ("sha256", pa.string()), ("content", pa.large_binary())])
    texts = [(name, pa.string()) for name in (*TEXTS, *JSON)]
    return pa.schema(
        [*texts, ("started", pa.int64()), ("ended", pa.int64()), ("files", pa.list_(file))], metadata=FORMAT
    )


def _row(run: WholeRun) -> dict[str, Any]:
    plain = run.canonical()
    files = [
        {"path": path, "sha256": plain["files"][path]["sha256"], "content": file.read_bytes()}
        for path, file in run.files.items()
    ]
    return {
        **{name: plain[name] for name in (*TEXTS, "started", "ended")},
        **{name: json.dumps(plain[name], ensure_ascii=False) for name in JSON},
        "files": files,
    }


def _run(row: Mapping[str, Any], folder: Path) -> WholeRun:
    said = {name: json.loads(row[name]) for name in JSON}
    return WholeRun(
        **{name: row[name] for name in (*TEXTS, "started", "ended")},
        tags=said["tags"],
        params=said["params"],
        metrics={name: tuple(_number(*each) for each in numbers) for name, numbers in said["metrics"].items()},
        not_finite=said["not_finite"],
        datasets=tuple((name, digest) for name, digest in said["datasets"]),
        files={each["path"]: _unpacked(row["own_id"], each, folder) for each in row["files"]},
    )


def _number(step: int | None, value: float, at: int) -> Measured:
    return Measured(step or 0, value, at, step is None)


def _unpacked(own_id: str, entry: Mapping[str, Any], folder: Path) -> Path:
    path = PurePosixPath(entry["path"])
    if path.is_absolute() or ".." in path.parts:
        raise TrackingError(f"run {own_id} has an artifact {entry['path']!r}, whose path leads out of the run.")
    if sha256(entry["content"]).hexdigest() != entry["sha256"]:
        raise TrackingError(f"the artifact {path} of run {own_id} is not what its hash says: the file was changed.")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(entry["content"])
    return target
