"""The feature vectors of one race at one stage, in a file with all that an answer says of the race beside its numbers.

Parquet, so that every float comes back with its bits; what is no number of a row stands in the file's own metadata.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pitwall.domain.errors import ServingError
from pitwall.domain.files import write_atomically

META = b"pitwall"
FORMAT = 1


@dataclass(frozen=True)
class Vectors:
    """What a model reads of a race.

    Attributes:
        frame: spine columns and features; cars that may take part come after those that do.
        facts: `race` (label, name, circuit, season, round, starts_at, run), `stage`, `cutoff`, `vintage` (when the newest snapshot was
            fetched), `frame` (hash of the frame), `service`, `known`, `labels`, `names` and `refs` per row, `taking_part` (how many
            rows do), `recorded` (they are as recorded), `shares` and `called` of questions with a rule for calls, `places` of
            qualifying by driver.
        digest: sha256 of the file.
    """

    frame: pd.DataFrame
    facts: Mapping[str, Any]
    digest: str

    @property
    def field(self) -> pd.DataFrame:
        """The rows that take part."""
        return self.frame.iloc[: self.facts["taking_part"]]


def write_vectors(path: Path, frame: pd.DataFrame, facts: Mapping[str, Any]) -> None:
    """Write vectors in one step; the same ones leave the file as it is."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    said = json.dumps({"format": FORMAT, **facts}, sort_keys=True, ensure_ascii=False).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), META: said})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    if not path.is_file() or path.read_bytes() != buffer.getvalue():
        write_atomically(path, buffer.getvalue())


def read_vectors(path: Path) -> Vectors:
    """Read vectors.

    Raises:
        ServingError: the file is damaged or of another format.
        FileNotFoundError: there is none.
    """
    content = path.read_bytes()
    try:
        table = pq.read_table(pa.BufferReader(content))
        facts = json.loads(table.schema.metadata[META])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ServingError(
            f"{path} holds no vectors ({type(error).__name__}: {error}); run `pitwall serve --export`."
        ) from error
    if facts.get("format") != FORMAT:
        raise ServingError(
            f"{path} has format {facts.get('format')}, this version reads {FORMAT}; run `pitwall serve --export`."
        )
    return Vectors(table.to_pandas(), facts, hashlib.sha256(content).hexdigest())
