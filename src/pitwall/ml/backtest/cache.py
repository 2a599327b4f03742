"""Results of folds on disk, addressed by everything that decides them; a damaged entry is never trusted.

An entry is `<estimator>-<season>-<key>.parquet` and a `.json` beside it with the whole key, the hash of the parquet file
and the seconds that the fit took. The key is made of the recipe, the rows that it learns from and predicts, the outcome
that it learns from, the sources of the estimator and the versions of the libraries; so an entry of another frame, or of
yesterday's code, is simply not found.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from pitwall.domain.refs import file_sha256
from pitwall.ml.backtest.fold import FoldResult, FoldTask
from pitwall.ml.backtest.sources import source_hash
from pitwall.ml.estimators.shared.learners.device import device_of, settled_device
from pitwall.ml.training.folds import fact_of

log = logging.getLogger(__name__)

FORMAT = 2
LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "xgboost", "lightgbm", "catboost", "torch")
KEPT = 3  # entries of one estimator and season: the newest ones, so that going back to an old state is free


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a fit may use."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def fold_key(task: FoldTask, sources: Callable[..., str] = source_hash) -> str:
    """Return the sha256 of everything that decides a fold's result."""
    recipe = asdict(task.recipe)
    recipe.pop("facts")
    content = {
        "format": FORMAT,
        "recipe": recipe,
        "role": task.role,
        "season": task.season,
        "settle": task.settle,
        "permuted": {name: list(columns) for name, columns in sorted(task.permuted.items())},
        "rows": [frame_hash(frame) for frame in (task.train, task.outcome, task.test)],
        "sources": sources(task.recipe.plugin),
        "libraries": library_versions(),
        **fact_of(task.inner),
        **settled_device(device_of(task.recipe.params)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def frame_hash(frame: pd.DataFrame) -> str:
    """Return a sha256 over a frame's column names, types and values, in order."""
    digest = hashlib.sha256(repr([(str(name), str(dtype)) for name, dtype in frame.dtypes.items()]).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


class FoldCache:
    """The entries below one folder.

    Attributes:
        damaged: names of the entries that were found damaged and will be computed again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []

    def load(self, task: FoldTask, key: str) -> FoldResult | None:
        """Return the result of a task if it is here and whole."""
        data, note = self._files(task, key)
        if not data.is_file() and not note.is_file():
            return None
        try:
            facts = json.loads(note.read_text(encoding="utf-8"))
            whole = facts["key"] == key and facts["sha256"] == file_sha256(data)
            if whole:
                os.utime(note)
                return FoldResult(pd.read_parquet(data), float(facts["seconds"]))
        except (OSError, ValueError, KeyError) as error:
            log.debug("%s: %s", note.name, error)
        self.damaged.append(data.name)
        log.warning("the cache entry %s is damaged; %s is computed again", data.name, task.label)
        return None

    def save(self, task: FoldTask, key: str, result: FoldResult) -> None:
        """Write a result; the note comes last, so that an entry without one was never finished."""
        self.folder.mkdir(parents=True, exist_ok=True)
        data, note = self._files(task, key)
        _replace(data, lambda path: result.predictions.to_parquet(path, index=False))
        facts = {"key": key, "sha256": file_sha256(data), "seconds": round(result.seconds, 4), "fold": task.label}
        _replace(note, lambda path: path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8"))
        self._forget_oldest(task)

    def _files(self, task: FoldTask, key: str) -> tuple[Path, Path]:
        stem = f"{task.recipe.estimator}-{task.season}-{key[:16]}"
        return self.folder / f"{stem}.parquet", self.folder / f"{stem}.json"

    def _forget_oldest(self, task: FoldTask) -> None:
        notes = self.folder.glob(f"{task.recipe.estimator}-{task.season}-*.json")
        for note in sorted(notes, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
            note.with_suffix(".parquet").unlink(missing_ok=True)
            note.unlink(missing_ok=True)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the target and move it there, so that a reader never sees half a file."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    write(beside)
    beside.replace(path)
