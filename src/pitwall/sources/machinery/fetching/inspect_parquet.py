"""Look at an untrusted parquet file, inside the limited process: header, types, and every value decoded once.

Decoding all of it here means that a file which is damaged, or unpacks to far more than it weighs, ends this process and
not the one that makes tables of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.format import RawFile

FLAT = (
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null),
    *(pa.types.is_string, pa.types.is_large_string),
)


def parquet_rows(path: Path, file: RawFile, max_bytes: int) -> int:
    """Return the number of rows of a parquet file.

    Raises:
        SourceError: it is damaged, unpacks to more than `max_bytes`, lacks a column, or one is of no plain type.
    """
    try:
        opened = pq.ParquetFile(path)
        file.check_header(path.name, opened.schema_arrow.names)
        _check_types(path.name, file, opened.schema_arrow)
        rows = unpacked = 0
        for batch in opened.iter_batches(columns=_known(file, opened.schema_arrow), use_threads=False):
            rows, unpacked = rows + batch.num_rows, unpacked + batch.nbytes
            if unpacked > max_bytes:
                raise SourceError(
                    f"{path.name} unpacks to more than {max_bytes >> 20} MB; that is no {file.name} file."
                )
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path.name} is damaged or no parquet file ({error}); fetch it again.") from error
    return rows


def _known(file: RawFile, schema: pa.Schema) -> list[str]:
    return list(file.known(schema.names).values())


def _check_types(name: str, file: RawFile, schema: pa.Schema) -> None:
    """Refuse columns that are no numbers, flags or texts, and no timedeltas where a time is expected: dates, lists."""
    for known, column in file.known(schema.names).items():
        kind: Any = schema.field(column).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        is_time = file.columns[known][0] == "t" and pa.types.is_duration(plain)
        if not is_time and not any(accepts(plain) for accepts in FLAT):
            raise SourceError(
                f"{name}: the column {column!r} is of type {kind}; expected numbers, texts or True/False, and times in "
                "seconds or as timedeltas. Convert it and write the file again."
            )
