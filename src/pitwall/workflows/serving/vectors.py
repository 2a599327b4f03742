"""The feature vectors of one race at one stage, in a file with all that an answer says of the race beside its numbers.

Parquet, so that every float comes back with its bits; what is no number of a row stands in the file's own metadata.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pitwall.domain.errors import ServingError
from pitwall.domain.files import write_atomically
from pitwall.domain.keys import DRIVER, TEAM
from pitwall.ml.data.entity_names import plain
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.workflows.serving.refusals import Refused, unknown

META = b"pitwall"
FORMAT = 1


class Cars:
    """Finds the rows of a race by the names of drivers and teams; made once for all questions about it.

    Args:
        facts: of the race's vectors.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._refs, names = facts["refs"], facts["names"]
        self._driver, self._team = dict[str, set[int]](), dict[str, set[int]]()
        for row, (ref, name) in enumerate(zip(self._refs, names, strict=True)):
            driver = str(name["driver"])
            for text in (ref[DRIVER], driver, name["code"] or "", driver.rpartition(" ")[2]):
                found = self._driver.setdefault(plain(text), set())
                found.add(row)
                self._driver[text] = found  # as it is mostly written, found without making it plain
            for text in (ref[TEAM], name["team"] or ""):
                self._team.setdefault(plain(text), set()).add(row)

    def driver(self, name: str) -> int:
        """Return the row of a driver."""
        found = self._driver.get(name) or self._driver.get(plain(name)) or set()
        if len(found) == 1:
            return next(iter(found))
        refs = [ref[DRIVER] for ref in self._refs]
        if found:
            raise Refused(
                "content",
                "several drivers are meant",
                found=repr(name),
                expected="a name that fits one driver",
                do="name the driver by reference or code",
                near=sorted(refs[row] for row in found),
            )
        raise unknown("driver of this race", name, refs, "name a driver whose vectors were exported for the race")

    def team(self, name: str) -> int:
        """Return a row of a team."""
        found = self._team.get(plain(name))
        if not found:
            raise unknown("team of this race", name, {ref[TEAM] for ref in self._refs}, "name a team of the race")
        return min(found)

    def refs(self, rows: Iterable[int]) -> list[str]:
        """Return what drivers are called by reference."""
        return [str(self._refs[row][DRIVER]) for row in rows]


@dataclass(frozen=True)
class Vectors:
    """What a model reads of a race.

    Attributes:
        frame: spine columns and features; cars that may take part come after those that do.
        facts: `race` (label, name, circuit, season, round, starts_at, run), `stage`, `cutoff`, `vintage` (when the newest snapshot was
            fetched), `frame` (hash of the frame), `service`, `labels`, `names` and `refs` per row, `taking_part` (how many
            rows do), `recorded` (they are as recorded), `shares` and `called` of questions with a rule for calls, `places` of
            qualifying by driver.
        digest: sha256 of the file.
    """

    frame: pd.DataFrame
    facts: Mapping[str, Any]
    digest: str
    _read: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[pd.Index, np.ndarray]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _columns: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def field(self) -> pd.DataFrame:
        """The rows that take part."""
        return self.frame.iloc[: self.facts["taking_part"]]

    @cached_property
    def cars(self) -> Cars:
        """Finds rows by names."""
        return Cars(self.facts)

    def read_by(self, recipe: Recipe, beside: tuple[str, ...]) -> tuple[pd.Index, np.ndarray]:
        """Return spine columns and the features that a recipe reads, and their values, columns x rows as pandas keeps them; chosen once.

        To take rows of a table with columns of several types, or to choose its columns, takes longer than a quick model's answer.
        """
        asked = beside, recipe.features
        if asked not in self._read:
            chosen = recipe.select(self.frame)[[*beside, *recipe.features]]
            self._read[asked] = chosen.columns, np.ascontiguousarray(chosen.to_numpy(np.float64).T)
        return self._read[asked]

    def column(self, name: str) -> np.ndarray:
        """Return a column; looked up once."""
        if name not in self._columns:
            self._columns[name] = self.frame[name].to_numpy()
        return self._columns[name]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all columns."""
        return frozenset(self.frame.columns)

    @cached_property
    def places(self) -> np.ndarray:
        """The place in qualifying of each row's driver; NaN where it is not known."""
        places = self.facts["places"]
        return np.array([places.get(str(driver), np.nan) for driver in self.drivers])

    @cached_property
    def drivers(self) -> list[int]:
        """The driver of each row."""
        return [int(driver) for driver in self.frame[DRIVER]]


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
