"""Every answer that a server gave, with the vector that it was made from to the last bit; what cannot be logged is not answered.

One file per process and day below `.pitwall/answers/`, lines of JSON. A vector is written once per file, under its hash; a what-if adds the
columns that it changed. So a line and the lines before it in the same file say what the model was shown.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
import pandas as pd

from pitwall.domain.clock import wall
from pitwall.domain.errors import ServingError
from pitwall.domain.project import Project
from pitwall.ml.rows import feature_columns
from pitwall.workflows.serving.answer import Asked
from pitwall.workflows.serving.asked import Rows

FOLDER = "answers"


class NotLogged(ServingError):
    """The served vector could not be written down, so the answer is withheld."""


class PredictionLog:
    """The log of one process.

    Args:
        project: whose state it is kept below.
    """

    def __init__(self, project: Project) -> None:
        self._folder = project.state / FOLDER
        self._lock = threading.Lock()
        self._day = ""
        self._stream: IO[bytes] | None = None
        self._written: set[str] = set()
        self.trouble = ""

    def write(self, asked: Asked, rows: Rows, request: str, holder: str, now: datetime | None = None) -> None:
        """Add one answer.

        Args:
            asked: what was asked, and who answers.
            rows: what the model reads.
            request: id of the request.
            holder: id of the token that asked; empty without one.
            now: the instant; the clock's when None.

        Raises:
            NotLogged: it cannot be written.
        """
        at = (now or wall()).isoformat(timespec="milliseconds")
        champion, digest = asked.champion, asked.vectors.digest
        line = {
            "at": at,
            "request": request,
            "holder": holder,
            "template": asked.name,
            "model": champion.job.name,
            "version": champion.version,
            "content": champion.about["content"],
            "race": asked.vectors.facts["race"]["label"],
            "stage": asked.vectors.facts["stage"],
            "cutoff": asked.vectors.facts["cutoff"],
            "vintage": asked.vectors.facts["vintage"],
            "vectors": digest,
            "rows": list(rows.at or ()),
            "changed": _packed(rows.changed),
            **({"arm": asked.arm, "test": asked.given.test} if asked.given else {}),
        }
        if rows.at is None:  # a car put together from several rows is written whole
            line["whole"] = _packed(
                {name: rows.frame[name].to_numpy(np.float64) for name in feature_columns(rows.frame)}
            )
        with self._lock:
            try:
                stream = self._open(at[:10])
                if digest not in self._written:
                    stream.write(_line({"vectors": digest, **_vector(asked.vectors.frame)}))
                stream.write(_line(line))
                stream.flush()
                self._written.add(digest)
            except OSError as error:
                self._forget()
                self.trouble = f"answers cannot be logged: {error}"
                raise NotLogged(f"the answer is withheld: {self.trouble}") from error
            self.trouble = ""

    def check(self) -> str:
        """Return why answers cannot be logged now; empty where they can."""
        with self._lock:
            try:
                stream = self._open(f"{wall():%Y-%m-%d}")
                stream.write(b"\n")  # what is full says so at a write
                stream.flush()
                self.trouble = ""
            except OSError as error:
                self._forget()
                self.trouble = f"answers cannot be logged: {error}"
        return self.trouble

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._forget()

    def _open(self, day: str) -> IO[bytes]:
        if self._stream is None or day != self._day:
            self._forget()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stream = (self._folder / f"{day.replace('-', '')}-{os.getpid()}.jsonl").open("ab")
            self._stream.write(b"\n")  # a line that was cut short ends here
            self._day = day
        return self._stream

    def _forget(self) -> None:
        """Close the file, whatever of it could not be written; the next one begins with whole vectors."""
        stream, self._stream = self._stream, None
        self._written.clear()
        if stream is not None:
            try:
                stream.close()
            except OSError:  # its buffer holds what the disk has refused already
                self.trouble = self.trouble or "answers cannot be logged"


def read_log(path: Path) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Yield the answers of a file of the log, each with the features that its model read; a torn line is passed over.

    Example:
        `for said, features in read_log(path): ...`
    """
    known: dict[str, pd.DataFrame] = {}
    for line in _lines(path):
        if "columns" in line:
            known[line["vectors"]] = _unpacked(line)
            continue
        if "whole" in line:
            yield line, pd.DataFrame(_columns(line["whole"]))
            continue
        frame = known[line["vectors"]].iloc[line["rows"]].reset_index(drop=True)
        yield line, frame.assign(**_columns(line["changed"]))


def vectors_served(path: Path) -> Iterator[tuple[dict[str, Any], pd.DataFrame | None, pd.DataFrame]]:
    """Yield each vector of a file of the log with the first answer made from it: what was said, the ids of its rows, its features.

    Ids are None where an earlier version wrote the file. What a what-if changed is in the answer, not in the vector.
    """
    known: dict[str, tuple[pd.DataFrame | None, pd.DataFrame]] = {}
    for line in _lines(path):
        if "columns" in line:
            ids = pd.DataFrame(line["ids"], dtype="int64") if "ids" in line else None
            known[line["vectors"]] = ids, _unpacked(line)
        elif line.get("vectors") in known:
            yield line, *known.pop(line["vectors"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for text in path.read_bytes().split(b"\n"):
        try:
            yield json.loads(text)
        except ValueError:
            continue


def _vector(frame: pd.DataFrame) -> dict[str, Any]:
    names = feature_columns(frame)
    ids = {name: frame[name].astype("int64").tolist() for name in frame.columns if name.endswith("_id")}
    return {"columns": names, "ids": ids, "data": _text(frame[names].to_numpy(np.float64)), "count": len(frame)}


def _unpacked(line: Mapping[str, Any]) -> pd.DataFrame:
    values = np.frombuffer(base64.b64decode(line["data"]), "<f8").reshape(line["count"], len(line["columns"]))
    return pd.DataFrame(values, columns=line["columns"])


def _packed(columns: Mapping[str, np.ndarray]) -> dict[str, str]:
    return {name: _text(values) for name, values in columns.items()}


def _columns(packed: Mapping[str, str]) -> dict[str, np.ndarray]:
    return {name: np.frombuffer(base64.b64decode(text), "<f8") for name, text in packed.items()}


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode("ascii")


def _line(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content) + b"\n"
