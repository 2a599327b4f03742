"""A run as a mapping, in the words of notebooks; the histories of its metrics are fetched when they are looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunRecord, RunStatus
from pitwall.tracking.experiments.artifacts import INDEX
from pitwall.tracking.experiments.backend import ExperimentBackend
from pitwall.tracking.experiments.values import TEXT_PARAMS, typed

SHORT = 8
STATUS: dict[str, RunStatus] = {"completed": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
WORDS = {"RUNNING": "running", "FINISHED": "completed", "FAILED": "failed", "KILLED": "killed"}
NOT_FINITE = "pitwall.not_finite_metrics"
INNER = ("mlflow.", "pitwall.", "git.", "manifest.")
FIELDS = (
    "run_id", "name", "status", "start_time", "end_time", "duration", "params", "metrics", "metric_history", "artifacts", "tags",
    "not_finite",
)  # fmt: skip


class Run(Mapping[str, Any]):
    """One run.

    Keys: `run_id` (8 characters), `name`, `status` (running, completed, failed, killed), `start_time` and `end_time` (UTC), `duration`
    in seconds, `params`, `metrics` (the last finite value of each), `metric_history` ({metric: [(step, value), ...]}, finite values),
    `artifacts` ({name: type, size in bytes, sha256, media_type, path, logged_at}), `tags` (one's own), `not_finite` ({metric: count,
    first and last step} of values that were no finite numbers).

    Args:
        record: the run as its store has it.
        backend: to ask for histories and artifacts.
    """

    def __init__(self, record: RunRecord, backend: ExperimentBackend) -> None:
        self.record, self._backend = record, backend

    def __getitem__(self, key: str) -> Any:
        if key not in FIELDS:
            raise KeyError(f"a run has no {key!r}; it has {', '.join(FIELDS)}")
        return getattr(self, f"_{key}")

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)

    def __repr__(self) -> str:
        return f"Run({self._run_id} {self._name!r}, {self._status}, {self._metrics})"

    @property
    def _run_id(self) -> str:
        return self.record.run_id[:SHORT]

    @property
    def _name(self) -> str:
        return self.record.name

    @property
    def _status(self) -> str:
        return WORDS.get(self.record.status, self.record.status)

    @property
    def _start_time(self) -> datetime | None:
        return _instant(self.record.started)

    @property
    def _end_time(self) -> datetime | None:
        return _instant(self.record.ended)

    @property
    def _duration(self) -> float | None:
        start, end = self._start_time, self._end_time
        return (end - start).total_seconds() if start and end else None

    @property
    def _params(self) -> dict[str, Any]:
        return typed(self.record.params, self.record.tags)

    @property
    def _metrics(self) -> dict[str, float]:
        return dict(self.record.metrics)

    @cached_property
    def _metric_history(self) -> dict[str, list[tuple[int, float]]]:
        return {name: self._backend.history(self.record.run_id, name) for name in sorted(self.record.metrics)}

    @cached_property
    def _artifacts(self) -> dict[str, dict[str, Any]]:
        kept = self._backend.file(self.record.run_id, INDEX)
        return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept else {}

    @property
    def _tags(self) -> dict[str, str]:
        return {
            key: value for key, value in self.record.tags.items() if not key.startswith(INNER) and key != TEXT_PARAMS
        }

    @property
    def _not_finite(self) -> dict[str, dict[str, int]]:
        return dict(json.loads(self.record.tags.get(NOT_FINITE, "{}")))


def store_status(word: str) -> RunStatus:
    """Return a status in the run store's words; completed, failed and killed are known, and the store's own.

    Raises:
        UsageError: it is none of these.
    """
    if word.lower() in STATUS:
        return STATUS[word.lower()]
    for known in STATUS.values():
        if word == known:
            return known
    raise UsageError(f"a run ends as {', '.join(STATUS)}; found {word!r}.")


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
